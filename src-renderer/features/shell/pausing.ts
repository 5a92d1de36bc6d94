/** The way for any screen to ask until when all routines are to be paused. */
import { createContext, use } from 'react';

export const PausingContext = createContext<() => void>(() => {});

export const useAskPause = (): (() => void) => use(PausingContext);
