export const listProjects = async (..._: unknown[]): Promise<never> => { throw new Error('listProjects is being written'); };
export const createProject = async (..._: unknown[]): Promise<never> => { throw new Error('createProject is being written'); };
export const getProject = async (..._: unknown[]): Promise<never> => { throw new Error('getProject is being written'); };
export const updateProject = async (..._: unknown[]): Promise<never> => { throw new Error('updateProject is being written'); };
export const archiveProject = async (..._: unknown[]): Promise<never> => { throw new Error('archiveProject is being written'); };
export const deleteProject = async (..._: unknown[]): Promise<never> => { throw new Error('deleteProject is being written'); };
