import { createHash } from 'node:crypto';
import css from './styles/all.css?inline';

/** A stylesheet, and its hash as the Content-Security-Policy names it. */
interface Style {
  readonly css: string;
  readonly hash: string;
}

const made = new Map<string, Style>();

/** The whole stylesheet in a municipality's colours, put into every page so that it paints in one round trip. */
export function styleIn({ light, dark }: { readonly light: string; readonly dark: string }): Style {
  const known = made.get(light + dark);
  if (known) return known;
  const whole = `${css}:root{--brand:light-dark(${light},${dark})}`;
  const style = { css: whole, hash: `sha256-${createHash('sha256').update(whole).digest('base64')}` };
  made.set(light + dark, style);
  return style;
}
