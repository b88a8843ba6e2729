export const claimSeats = async (..._: unknown[]): Promise<never> => { throw new Error('claimSeats is being written'); };
export const openSeat = async (..._: unknown[]): Promise<never> => { throw new Error('openSeat is being written'); };
