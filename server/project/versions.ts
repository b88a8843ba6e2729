export const addGuidelines = async (..._: unknown[]): Promise<never> => { throw new Error('addGuidelines is being written'); };
export const changeForm = async (..._: unknown[]): Promise<never> => { throw new Error('changeForm is being written'); };
export const listForms = async (..._: unknown[]): Promise<never> => { throw new Error('listForms is being written'); };
export const listGuidelines = async (..._: unknown[]): Promise<never> => { throw new Error('listGuidelines is being written'); };
