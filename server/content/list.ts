export const contentFacets = async (..._: unknown[]): Promise<never> => { throw new Error('contentFacets is being written'); };
export const getPrompt = async (..._: unknown[]): Promise<never> => { throw new Error('getPrompt is being written'); };
export const listPrompts = async (..._: unknown[]): Promise<never> => { throw new Error('listPrompts is being written'); };
