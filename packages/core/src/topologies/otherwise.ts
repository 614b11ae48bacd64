/** A route condition that accepts all messages that no other route accepts. */
export const otherwise: () => boolean = () => true;
