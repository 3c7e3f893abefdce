import { createHash } from 'node:crypto';
import css from './styles/all.css?inline';

/** The whole stylesheet, put into every page so that it paints in one round trip. */
export const style: string = css;

/** Its hash as the Content-Security-Policy names it. */
export const styleHash = `sha256-${createHash('sha256').update(css).digest('base64')}`;
