/** Keeps the table of questions equal to what the shared reducer makes of the events. */
import type { Event } from '#contract/events.ts';
import type { Question } from '#contract/questions.ts';
import { reduceQuestion } from '#contract/state.ts';
import type { Sql } from './database.ts';

export interface QuestionReads {
  question(id: string): Question | undefined;
  /** Latest first. */
  questions(filter: {
    state?: string | undefined;
    run?: string | undefined;
    routine?: string | undefined;
    limit: number;
  }): Question[];
  /** Open ones whose deadline has come. `now` as an ISO instant. */
  overdueQuestions(now: string): Question[];
}

export function createQuestionTable(sql: Sql): { read: QuestionReads; apply(event: Event): void } {
  const get = sql.prepare('SELECT body FROM questions WHERE id = ?').pluck();
  const overdue = sql.prepare("SELECT body FROM questions WHERE state = 'open' AND deadline <= ?").pluck();
  const put = sql.prepare(
    `INSERT INTO questions VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT(id) DO UPDATE SET state = excluded.state, body = excluded.body`,
  );
  const revive = (body: unknown) => JSON.parse(String(body)) as Question;
  const question = (id: string) => {
    const body = get.get(id);
    return body === undefined ? undefined : revive(body);
  };
  return {
    apply(event) {
      if (event.type !== 'question.asked' && event.type !== 'question.answered' && event.type !== 'question.used')
        return;
      const before = question(typeof event.question === 'string' ? event.question : event.question.id);
      const after = reduceQuestion(before, event);
      if (!after || after === before) return;
      const { id, run, routine, state, askedAt, deadline } = after;
      put.run(id, run, routine, state, askedAt, deadline, JSON.stringify(after));
    },
    read: {
      question,
      questions({ limit, ...wanted }) {
        const named = Object.entries(wanted).filter(([, value]) => value !== undefined) as [string, string][];
        const where = named.length > 0 ? `WHERE ${named.map(([name]) => `${name} = ?`).join(' AND ')}` : '';
        const query = sql
          .prepare(`SELECT body FROM questions ${where} ORDER BY asked_at DESC, id DESC LIMIT ?`)
          .pluck();
        return query.all(...named.map(([, value]) => value), limit).map(revive);
      },
      overdueQuestions: (now) => overdue.all(now).map(revive),
    },
  };
}
