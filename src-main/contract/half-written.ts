/** The name that a file of a run has while the hands write it: who is killed over it leaves that, and it is nobody's work. */

/** `path`: with or without its folder. The hands carry no code of the contract; a test holds them to this name. */
export const isHalfWritten = (path: string): boolean => /(^|\/)\.nightshift-[0-9a-f]{12}\.part$/.test(path);
