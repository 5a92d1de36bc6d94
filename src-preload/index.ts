/** Forwards one port from the shell to the page, each time the page asks; the page can reach nothing else. */
import { contextBridge, ipcRenderer } from 'electron';

contextBridge.exposeInMainWorld('nightshift', { shell: 'electron' });

window.addEventListener('message', (message) => {
  const own = message.source === window && message.origin === location.origin;
  if (own && message.data === 'nightshift:want-port') ipcRenderer.send('nightshift:want-port');
});

ipcRenderer.on('nightshift:port', (event) => {
  window.postMessage('nightshift:port', location.origin, event.ports);
});
