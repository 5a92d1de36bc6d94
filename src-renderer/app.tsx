/** Which screen an address shows. */
import { CSPProvider } from '@base-ui/react/csp-provider';
import { Route, Switch } from 'wouter';
import { Costs } from '#features/costs/costs.tsx';
import { ProposalList } from '#features/proposals/proposal-list.tsx';
import { ProposalView } from '#features/proposals/proposal-view.tsx';
import { QuestionList } from '#features/questions/question-list.tsx';
import { RoutineEditor } from '#features/routines/routine-editor.tsx';
import { RoutineList } from '#features/routines/routine-list.tsx';
import { RoutineView } from '#features/routines/routine-view.tsx';
import { RunList } from '#features/runs/run-list.tsx';
import { RunView } from '#features/runs/run-view.tsx';
import { Settings } from '#features/settings/settings.tsx';
import { Shell } from '#features/shell/shell.tsx';
import { Tonight } from '#features/today/tonight.tsx';
import { Week } from '#features/week/week.tsx';
import type { Host } from '#state/store.ts';
import { HostContext } from '#state/use.ts';
import { ButtonLink } from '#ui/button.tsx';
import { KeysProvider } from '#ui/keys.tsx';
import { Page } from '#ui/page.tsx';
import { Toasts } from '#ui/toasts.tsx';

export function App({ host }: { host: Host }) {
  return (
    <CSPProvider disableStyleElements>
      <HostContext value={host}>
        <KeysProvider>
          <Toasts>
            <Shell>
              <Switch>
                <Route path="/" component={Tonight} />
                <Route path="/week" component={Week} />
                <Route path="/routines" component={RoutineList} />
                <Route path="/routines/new">
                  <RoutineEditor />
                </Route>
                <Route path="/routines/:id/edit">{({ id }) => <RoutineEditor key={id} id={id} />}</Route>
                <Route path="/routines/:id">{({ id }) => <RoutineView key={id} id={id} />}</Route>
                <Route path="/runs" component={RunList} />
                <Route path="/runs/:id">{({ id }) => <RunView key={id} id={id} />}</Route>
                <Route path="/proposals" component={ProposalList} />
                <Route path="/proposals/:id">{({ id }) => <ProposalView key={id} id={id} />}</Route>
                <Route path="/questions" component={QuestionList} />
                <Route path="/costs" component={Costs} />
                <Route path="/settings" component={Settings} />
                <Route>
                  <Page
                    name="Not here"
                    sentence="There is nothing at this address."
                    more="It may have been removed, or the link is incomplete."
                    actions={<ButtonLink href="/">Go to Tonight</ButtonLink>}
                  />
                </Route>
              </Switch>
            </Shell>
          </Toasts>
        </KeysProvider>
      </HostContext>
    </CSPProvider>
  );
}
