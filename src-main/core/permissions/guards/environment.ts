/** Variables that change what a program runs, loads, trusts or reads; and the few that are known to change nothing. */

const safe = /^(NODE_ENV|CI|LANG|LC_[A-Z]+|TZ|NO_COLOR|FORCE_COLOR|TERM|DEBUG|RUST_LOG|RUST_BACKTRACE)$/;

const dangerous = new RegExp(
  `^(${[
    'LD_.*|DYLD_.*|NODE_.*|BASH_?.*|ENV|PROMPT_COMMAND|PATH|IFS|PS[0-4]|SHELLOPTS|CDPATH|FIGNORE|GLOBIGNORE|EXECIGNORE',
    'PERL.*|PYTHON.*|RUBY.*|JAVA.*|JDK_.*|_JAVA.*|MAVEN_.*|GRADLE_.*|GIT_.*|GH_.*|PAGER|EDITOR|VISUAL|BROWSER|LESS.*|MORE|MAN.*',
    'SSH_.*|SUDO_.*|GPG.*|npm_.*|NPM_.*|YARN_.*|PNPM_.*|CARGO.*|RUST.*|GO.*|CGO_.*|CC|CXX|CPP|LD|AR|AS|MAKE.*|GNUMAKE.*',
    'HOME|XDG_.*|TMP|TEMP|TMPDIR|SHELL|USER|PWD|OLDPWD|DOCKER_.*|KUBE.*|AWS_.*|AZURE_.*|GOOGLE_.*|CLOUDSDK_.*',
    'HTTPS?_PROXY|https?_proxy|ALL_PROXY|all_proxy|NO_PROXY|no_proxy|FTP_PROXY|ftp_proxy|SSL_.*|CURL_.*|REQUESTS_.*|WGETRC',
    'GREP_.*|RIPGREP_.*|FZF_.*|FD_.*|TAR_.*|GZIP|XZ_.*|ZIPOPT|UNZIP|TERMINFO.*|TERMCAP|INPUTRC|GCONV_PATH|LOCPATH|NLSPATH',
    'GLIBC_.*|MALLOC_.*|HOSTALIASES|RES_OPTIONS|LOCALDOMAIN|PIP_.*|UV_.*|POETRY_.*|VIRTUAL_ENV|CONDA.*|PHP.*|COMPOSER.*|DENO_.*|BUN_.*',
    'ANTHROPIC_.*|CLAUDE_.*|NIGHTSHIFT_.*|FPATH|FCEDIT|HIST.*|MAIL.*|POSIXLY_CORRECT|TIMEFORMAT|EMACS.*|VIM.*|EXINIT|.*_?(PATH|OPTS|OPTIONS|FLAGS|ARGS|PAGER|EDITOR|SHELL|PRELOAD|COMMAND|CMD|WRAPPER|CONFIG|HOOKS?|RC)',
  ].join('|')})$`,
);

/** May stand before a command that a rule allows. */
export function isSafeVariable(name: string): boolean {
  return safe.test(name);
}

/** Changes what later commands do even when it is only set, because they inherit it. */
export function isDangerousVariable(name: string): boolean {
  return !safe.test(name) && dangerous.test(name);
}
