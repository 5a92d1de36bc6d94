/** What programs do to others: publishing, deploying, changing what runs elsewhere. Sources: the manuals of each, as of November 2026. */

/** One program, or several, and the beginning of the words that make it so. */
type Row = readonly [programs: string, phrase: string];

const rows = (list: readonly Row[]): ReadonlyMap<string, RegExp> =>
  new Map(
    list.flatMap(([programs, phrase]) =>
      programs.split(' ').map((program): [string, RegExp] => [program, new RegExp(`^(${phrase})(?![\\w:-])`)]),
    ),
  );

/** A person's in every mode, unless a rule names exactly the command. */
export const elsewhere = rows([
  [
    'npm',
    'publish|unpublish|deprecate|dist-tag (add|rm)|owner (add|rm)|access (grant|revoke|set|public|restricted)|token (create|revoke)',
  ],
  ['pnpm bun jsr lerna changeset changesets nx', 'publish|release'],
  ['deno', 'publish|deploy'],
  ['yarn', 'publish|npm (publish|tag)|workspaces foreach .*publish'],
  ['cargo', 'publish|yank|owner'],
  ['twine', 'upload|register'],
  ['poetry uv hatch flit pdm rye maturin', 'publish|upload'],
  ['gem', 'push|yank|owner'],
  ['rake', 'release|gem:release'],
  ['dotnet', 'nuget (push|delete)'],
  ['nuget', 'push|delete'],
  ['mvn mvnw', '([\\w.-]+:)*deploy(-file)?|release:(perform|prepare)|site-deploy|nexus-staging:[\\w-]+|jib:build'],
  [
    'gradle gradlew',
    '(:?[\\w-]+:)*(publish(?!\\w*ToMavenLocal)\\w*|uploadArchives|closeAndRelease\\w*|appengineDeploy\\w*|jib)',
  ],
  ['sbt', 'publish|publishSigned|release|ci-release|sonatypeRelease|sonatypeBundleRelease'],
  ['lein', 'deploy|release'],
  ['mix', 'hex.publish|hex.retire|phx.gen.release --deploy'],
  ['stack cabal luarocks', 'upload'],
  ['dart flutter', 'pub publish|publish'],
  ['pod', 'trunk (push|delete|deprecate)'],
  ['anaconda', 'upload|remove'],
  ['vsce ovsx', 'publish|unpublish'],
  ['web-ext', 'sign'],
  ['clasp', 'push|deploy|undeploy'],
  ['snapcraft charmcraft', 'upload|push|release|close'],
  [
    'docker podman nerdctl buildah',
    '((image|manifest|compose|plugin|artifact) )?push|stack (deploy|rm|up)|service (create|update|rm|scale|rollback)',
  ],
  ['skopeo', 'copy|sync|delete'],
  ['crane oras', 'push|copy|cp|delete|tag|append'],
  ['ko', 'apply|publish|build|resolve|create|run'],
  ['helm', 'install|upgrade|uninstall|delete|rollback|push'],
  ['helmfile', 'apply|sync|destroy|delete'],
  [
    'kubectl oc',
    'apply|delete|create|patch|replace|scale|drain|cordon|uncordon|exec|rollout (restart|undo|pause|resume)|edit|set|run|annotate|label|expose|autoscale|taint|cp|debug',
  ],
  ['skaffold', 'run|deploy|dev|debug|delete|apply'],
  [
    'argocd',
    'app (sync|create|delete|set|unset|rollback|patch|terminate-op|actions run)|repo (add|rm)|cluster (add|rm)|proj (create|delete|set)',
  ],
  ['flux', 'reconcile|suspend|resume|delete|create|bootstrap|uninstall|push'],
  ['istioctl linkerd', 'install|uninstall|upgrade'],
  [
    'nomad',
    '(job )?(run|stop|dispatch|revert|scale|promote|restart)|node (drain|purge|eligibility)|system|namespace (apply|delete)|volume (create|delete|register)',
  ],
  ['vault consul', '(kv )?(put|delete|destroy|write|patch)|write'],
  [
    'terraform tofu terragrunt',
    '(run-all )?(apply|destroy)|import|state (rm|mv|push|replace-provider)|taint|untaint|force-unlock|workspace delete',
  ],
  ['pulumi', 'up|update|destroy|refresh|import|cancel|stack rm|state|config set'],
  ['cdk', 'deploy|destroy|bootstrap|import|rollback|watch'],
  ['cdktf sst chalice zappa', 'deploy|destroy|apply|delete|update|undeploy|rollback|remove'],
  ['sam', 'deploy|delete|sync|publish'],
  ['serverless sls', 'deploy|remove|rollback'],
  ['amplify', 'push|publish|delete'],
  ['copilot', '(svc |app |env |job |pipeline )?(deploy|delete|init)'],
  ['ansible-playbook', '[\\w./@:-]+'],
  ['netlify ntl', 'deploy|rollback|sites:(create|delete)|env:(set|unset|import|clone)|blobs:(set|delete)'],
  [
    'wrangler',
    '((pages|versions|triggers) )?(deploy|publish|upload)|delete|rollback|(versions )?secret (put|delete|bulk)|pages (project (create|delete))|(d1|r2|kv|kv:key|kv:namespace|queues|hyperdrive|vectorize) .*(create|delete|put|execute|apply)|deployments rollback',
  ],
  [
    'heroku',
    'run|create|destroy|deploy|apps:(create|destroy)|config:(set|unset|edit)|ps:(scale|restart|stop|kill|type|resize)|restart|scale|rollback|releases:rollback|pg:\\w*(reset|push|promote|restore|upgrade|psql|kill)\\w*|addons:(create|destroy|upgrade|detach)|container:(push|release|rm)|domains:(add|remove|clear)|maintenance:(on|off)|pipelines:promote|builds:create',
  ],
  [
    'fly flyctl',
    'deploy|launch|destroy|(apps|app) (create|destroy|restart)|scale|secrets (set|unset|import|deploy)|machines? (run|create|destroy|stop|start|update|restart|kill|clone)|ssh|restart|suspend|resume|(volumes|ips|certs) (create|add|destroy|delete|release|remove)',
  ],
  ['eb', 'deploy|create|terminate|setenv|scale|swap|upgrade|restore|abort'],
  ['render', 'deploys? create|services? (create|delete|restart|update)|jobs? create|restart|ssh|psql'],
  ['railway', 'up|redeploy|down|deploy|delete|run|ssh|connect|variables? (set|--set)|environment (new|delete)'],
  ['cap mina', '([\\w-]+ )?deploy(:[\\w:]+)?'],
  ['kamal', 'deploy|redeploy|setup|rollback|remove|(app|server|accessory|proxy) (exec|stop|remove|boot|reboot)'],
  ['fab', '[\\w.-]*deploy[\\w.-]*'],
  [
    'fastlane',
    '(ios |android |mac )?(deploy|release|beta|upload\\w*|publish\\w*|deliver|pilot|supply|produce|upload_to_\\w+|appstore|testflight|internal|production)',
  ],
  ['eas', 'submit|update|deploy|build:submit|channel:(edit|delete|create)|branch:(delete|publish)'],
  ['expo', 'publish|upload'],
  [
    'firebase',
    'deploy|hosting:(disable|clone|channel:(deploy|delete))|functions:(delete|config:(set|unset))|firestore:delete|database:(set|remove|update|push|import)|apphosting:(rollouts:create|backends:delete)|projects:create',
  ],
  [
    'supabase',
    'db push|functions (deploy|delete)|secrets (set|unset)|projects (create|delete)|migration repair|config push|branches (create|delete|update)',
  ],
  [
    'vercel vc',
    'deploy|promote|rollback|redeploy|rm|remove|env (add|rm|update)|alias (set|rm)|domains (add|rm|buy|move)|--prod',
  ],
  ['prisma', 'migrate deploy'],
  [
    'gh',
    'pr merge|release (create|delete|edit|upload|delete-asset)|repo (create|delete|edit|rename|archive|unarchive|sync|deploy-key)|(secret|variable) (set|delete|remove)|workflow (run|enable|disable)|run (rerun|cancel|delete)|gist (create|delete|edit)|issue (delete|transfer)|(ssh-key|gpg-key) (add|delete)',
  ],
  [
    'glab',
    'mr merge|release (create|delete|upload)|repo (create|delete|transfer)|variable (set|delete|update)|ci (run|delete|retry|trigger)',
  ],
]);

/** Also where nobody is there: what a person at the keyboard does to a database or a service of their own. */
export const unattended = rows([
  ['alembic', 'upgrade|downgrade|stamp'],
  ['prisma', 'migrate (deploy|reset|resolve|dev)|db (push|execute)'],
  ['rails rake', 'db:(migrate|drop|reset|rollback|schema:load|seed|setup|purge)(:[\\w:]+)?'],
  [
    'knex sequelize sequelize-cli typeorm drizzle-kit',
    '(db:)?(migrate|drop|seed|migration|schema|push)(:(?!make|list|status|current|create|generate)[\\w-]+)*',
  ],
  ['flyway liquibase', 'migrate|clean|undo|repair|update|rollback\\w*|drop-all|dropAll'],
  ['dbmate goose', 'up|down|migrate|rollback|drop|redo|reset'],
  ['ansible knife', '[\\w./@:-]+'],
  ['npm pnpm yarn bun', '(run(-script)? )?[\\w:.-]*(deploy|publish|release)[\\w:.-]*'],
  ['make just task', '[\\w:.-]*(deploy|publish|release|destroy)[\\w:.-]*'],
]);

/** These act by being called at all. */
export const always = new Set([
  'semantic-release',
  'release-it',
  'np',
  'gh-pages',
  'surge',
  'dropdb',
  'dropuser',
  'pg_restore',
]);

/** First words behind which the rest is for somebody else, or only looks. */
export const looking: ReadonlyMap<string, RegExp> = new Map([
  [
    'npm',
    /^(run|run-script|install|i|add|ci|test|t|view|info|ls|list|why|outdated|audit|pack|uninstall|rm|remove|config|init|create|search|docs)$/,
  ],
  ['yarn', /^(run|install|add|remove|why|list|info|outdated|audit|pack|config|init|create|test|up)$/],
  ['pnpm', /^(run|install|i|add|remove|why|list|ls|outdated|audit|pack|config|init|create|test|t|view|info)$/],
  ['bun', /^(run|install|i|add|remove|test|build|init|create)$/],
  ['cargo', /^(install|add|run|test|build|check|doc|search|info|rm|remove|new|init|bench|clippy|fmt)$/],
  ['gem', /^(install|list|search|info|query|contents)$/],
  ['poetry', /^(run|add|remove|install|show)$/],
  ['uv', /^(run|add|remove|pip|sync|tool)$/],
  [
    'kubectl',
    /^(get|describe|logs|top|explain|config|version|diff|api-resources|api-versions|auth|cluster-info|wait|kustomize)$/,
  ],
  ['oc', /^(get|describe|logs|status|whoami|projects|explain|diff)$/],
  [
    'helm',
    /^(list|ls|get|history|status|template|lint|show|search|repo|dependency|dep|version|env|pull|create|package)$/,
  ],
  ['terraform', /^(plan|validate|fmt|show|output|init|providers|version|graph|get|console|test)$/],
  ['docker', /^(build|images|ps|logs|inspect|run|pull|exec|history|version|info)$/],
  ['gh', /^(search|status|browse|auth|config|alias|extension|help)$/],
  ['argocd', /^(version|account|context|login)$/],
  ['heroku', /^(logs|apps|info|config|ps|releases|addons|domains|local|auth:\w+|login|whoami|help|version)$/],
  ['vercel', /^(dev|build|ls|list|inspect|logs|whoami|login|logout|link|pull|help|init|teams|switch|project)$/],
  ['wrangler', /^(dev|types|whoami|tail|login|init|build)$/],
  ['firebase', /^(serve|login|emulators:.*|use|init|projects:list|apps:.*)$/],
]);

export const clouds =
  /^(aws|gcloud|gsutil|az|doctl|oci|ibmcloud|linode-cli|hcloud|eksctl|bq|s3cmd|scw|vultr-cli|exo|aliyun)$/;
/** What the command lines of clouds do, as the beginning of a word that says what to do. */
export const cloudVerbs =
  /^(delete|remove|terminate|destroy|purge|rm|rb|mb|mv|sync|cp|create|put|update|deploy|start|stop|restart|reboot|invoke|send|publish|set|attach|detach|modify|reset|scale|resize|apply|up|execute|promote|rollback|revoke|authorize|register|deregister|upload|import|enable|disable|run-instances|run-task|insert|load)(-[\w-]+)?$/;
