/** The body by which mail programs unsubscribe for their user (RFC 8058 3.1), and the button on our page. */
export const oneClick = { name: 'List-Unsubscribe', value: 'One-Click' } as const;
