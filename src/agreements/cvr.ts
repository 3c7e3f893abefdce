/** Whether the last of eight digits fits the others: weights 2 7 6 5 4 3 2 1, sum divisible by 11. */
export function cvrFits(digits: string): boolean {
  const sum = [2, 7, 6, 5, 4, 3, 2, 1].reduce((total, weight, index) => total + weight * Number(digits[index]), 0);
  return /^\d{8}$/.test(digits) && sum % 11 === 0;
}
