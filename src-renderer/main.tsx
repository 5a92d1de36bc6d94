/** Starts the page: theme, link, screens. */
import '#link/jitless.ts';
import '#ui/tokens.css';
import { createRoot } from 'react-dom/client';
import { openDoor } from '#link/door.ts';
import { onceAFrame } from '#link/frame.ts';
import { startHost } from '#state/store.ts';
import { applyTheme } from '#ui/theme.ts';
import { App } from './app.tsx';

applyTheme();
const root = document.getElementById('root');
if (root) createRoot(root).render(<App host={startHost(openDoor, onceAFrame)} />);
