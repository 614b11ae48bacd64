/** The route that takes the rest. */
export const otherwise: () => boolean = () => true;
