/** Below this path is the contract, on every door that speaks HTTP. */
export const rpcPath = '/rpc';
