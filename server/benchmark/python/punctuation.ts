/** `string.punctuation`. */
export const punctuation = /[!-/:-@[-`{-~]/g;
