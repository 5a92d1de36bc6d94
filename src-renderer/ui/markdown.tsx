/** A model's words as formatted text: no HTML, no outside images, links only to the web and in a new tab. */
import { memo } from 'react';
import ReactMarkdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import s from './markdown.module.css';

const components: Components = {
  a: ({ href, children }) =>
    /^https?:/.test(href ?? '') ? (
      <a href={href} target="_blank" rel="noopener noreferrer">
        {children}
      </a>
    ) : (
      <span>{children}</span>
    ),
  // An image address can carry data out; its words are enough.
  img: ({ alt }) => <span className={s.image}>[image{alt ? `: ${alt}` : ''}]</span>,
  input: ({ checked }) => <input type="checkbox" checked={checked === true} readOnly disabled aria-label="Task" />,
  // A transcript has its own headings; a model's must not climb above them.
  h1: ({ children }) => <h3>{children}</h3>,
  h2: ({ children }) => <h3>{children}</h3>,
  h3: ({ children }) => <h3>{children}</h3>,
  h4: ({ children }) => <h3>{children}</h3>,
  h5: ({ children }) => <h3>{children}</h3>,
  h6: ({ children }) => <h3>{children}</h3>,
};

export const Markdown = memo(function Markdown({ text }: { text: string }) {
  return (
    <div className={s.markdown}>
      <ReactMarkdown remarkPlugins={[remarkGfm]} components={components}>
        {text}
      </ReactMarkdown>
    </div>
  );
});
