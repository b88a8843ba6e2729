export const flagAnnotation = async (..._: unknown[]): Promise<never> => { throw new Error('flagAnnotation is being written'); };
export const reviseAnnotation = async (..._: unknown[]): Promise<never> => { throw new Error('reviseAnnotation is being written'); };
export const submitAnnotation = async (..._: unknown[]): Promise<never> => { throw new Error('submitAnnotation is being written'); };
export const undoAnnotation = async (..._: unknown[]): Promise<never> => { throw new Error('undoAnnotation is being written'); };
