export const excludeAnnotations = async (..._: unknown[]): Promise<never> => {
  throw new Error("excludeAnnotations is being written");
};
export const includeAnnotations = async (..._: unknown[]): Promise<never> => {
  throw new Error("includeAnnotations is being written");
};
export const reopenRater = async (..._: unknown[]): Promise<never> => {
  throw new Error("reopenRater is being written");
};
export const sendBack = async (..._: unknown[]): Promise<never> => {
  throw new Error("sendBack is being written");
};
