/** Places of keys, of a person's sessions, and of what starts with the machine: only a rule that names the place speaks of it. */
import { isInside } from './places.ts';

/** Below a home, or anywhere outside the project. */
const folders = (
  '.ssh .aws .gnupg .kube .azure .docker .password-store .mozilla .thunderbird .terraform.d .oci .chef .step .sops ' +
  '.config/gh .config/glab-cli .config/gcloud .config/hub .config/op .config/rclone .config/doctl .config/heroku .config/fly .fly ' +
  '.config/google-chrome .config/chromium .config/bravesoftware .config/microsoft-edge .config/vivaldi .config/opera ' +
  '.config/autostart .config/systemd .config/fish .config/nightshift .local/share/keyrings .local/share/nightshift ' +
  '.local/share/kwalletd .local/share/systemd .local/bin library/keychains library/launchagents library/cookies ' +
  'library/safari library/messages library/mail application\\ support/google application\\ support/firefox ' +
  'application\\ support/bravesoftware application\\ support/nightshift appdata/roaming appdata/local snap/firefox snap/chromium'
)
  .split(/(?<!\\) /)
  .map((each) => each.replaceAll('\\', ''));
const files = new Set(
  (
    '.netrc _netrc .pgpass .my.cnf .git-credentials .pypirc .npmrc .yarnrc .yarnrc.yml .boto .s3cfg .vault-token .dockercfg ' +
    '.claude.json .credentials.json credentials.toml .bash_history .zsh_history .python_history .node_repl_history ' +
    '.psql_history .mysql_history .lesshst .viminfo .wget-hsts .bashrc .bash_profile .bash_login .bash_logout .profile ' +
    '.zshrc .zshenv .zprofile .zlogin .zlogout .kshrc .xprofile .xinitrc .envrc authorized_keys id_rsa id_ed25519 id_ecdsa id_dsa'
  ).split(' '),
);
const systems =
  /^\/(etc\/(g?shadow-?|sudoers(\.d)?|ssh|ssl\/private|cron\.\w+|crontab)|root|proc\/[^/]+\/(environ|mem|root|cwd|fd)|var\/(lib\/(docker|nightshift)|spool\/cron)|run\/(secrets|user))(\/|$)/;

/**
 * The name of the place in a path, lower case; null: it is none. The project is the person's own affair.
 * `home`: the person's own, which is judged by what is in it, also where that person is root.
 */
export function keyPlace(path: string, root: string, home: string): string | null {
  if (isInside(path, root)) return null;
  const plain = path.normalize('NFKC').toLowerCase();
  const system = systems.exec(plain)?.[1];
  if (system && !(system === 'root' && isInside(path, home))) return system.replace(/\/$/, '');
  const names = plain.split('/');
  const file = names.at(-1) ?? '';
  if (files.has(file)) return file;
  return folders.find((folder) => `${plain}/`.includes(`/${folder}/`)) ?? null;
}
