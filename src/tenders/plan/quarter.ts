/** A quarter of a year as it is written in content and tables: 2027-Q1. Days are YYYY-MM-DD in Denmark. */
export type Quarter = `${number}-Q${1 | 2 | 3 | 4}`;

function quarterOfMonth(month: number): Quarter {
  const index = Math.floor(month / 3);
  return `${Math.floor(index / 4)}-Q${((index % 4) + 1) as 1 | 2 | 3 | 4}`;
}

/** Months since the year nought: counting in them knows no lengths of months and no leap days. */
const monthOf = (day: string): number => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1;
const firstMonthOf = (quarter: string): number => Number(quarter.slice(0, 4)) * 12 + (Number(quarter.slice(6)) - 1) * 3;
const firstDayOfMonth = (month: number): string => `${String(Math.floor(month / 12)).padStart(4, '0')}-${String((month % 12) + 1).padStart(2, '0')}-01`;

export function quarterOf(day: string): Quarter {
  return quarterOfMonth(monthOf(day));
}

/** The quarter of the month that comes so many months before the month of a day: nine before 31 December 2027 is in 2027-Q1. */
export function quarterBefore(day: string, months: number): Quarter {
  return quarterOfMonth(monthOf(day) - months);
}

/** A quarter and those that follow it. */
export function quartersFrom(first: string, count: number): Quarter[] {
  return Array.from({ length: count }, (_, index) => quarterOfMonth(firstMonthOf(first) + index * 3));
}

export function firstDayOf(quarter: string): string {
  return firstDayOfMonth(firstMonthOf(quarter));
}

/** The first day of the month that lies so many months after (or, negative, before) the first month of a quarter. */
export function monthsFrom(quarter: string, months: number): string {
  return firstDayOfMonth(firstMonthOf(quarter) + months);
}
