/** By what a text gives away that it talks to the agent instead of telling something: patterns, each with its weight. */

export interface Sign {
  name: string;
  /** Sticky to nothing, global, bounded: looked for anywhere. */
  pattern: RegExp;
  /** Of 10, which is enough by itself. */
  weight: number;
}

const sign = (name: string, weight: number, ...patterns: (RegExp | string)[]): Sign[] =>
  patterns.map((each) => ({ name, weight, pattern: new RegExp(each, 'gimu') }));

/** Up to `n` words in between. */
const gap = (n: number) => `(?:[\\p{L}\\p{N}'’,-]+\\s+){0,${n}}`;
const agent =
  '(?:a\\.?i\\.?|llms?|language models?|(?:ai |coding |automated |autonomous |llm )(?:assistants?|agents?|models?|systems?|bots?|reviewers?|tools?)|assistant|agent|claude(?: code)?|chatgpt|gpt(?:-\\d\\S*)?|copilot|codex|gemini|cursor|chatbot)';
const person =
  '(?:user|users|human|humans|operator|owner|developer|developers|reviewer|reviewers|maintainers?|person|people|anyone|anybody|them|him|her)';
const secret =
  '(?:secrets?|credentials?|(?:api|access|auth|private|ssh|signing|secret|deploy) ?(?:keys?|tokens?)|tokens?|passwords?|\\.env\\b|environment variables?|env vars?|~?/?\\.ssh\\S*|id_rsa|id_ed25519|\\.aws/\\S+|\\.npmrc|\\.netrc|cookies|system prompt|conversation|chat history|source code|contents? of (?:the |this )?(?:repo(?:sitory)?|project|worktree|workspace|file))';

export const signs: readonly Sign[] = [
  ...sign(
    'an order to ignore instructions',
    10,
    `\\b(?:ignore|disregard|forget|discard|neglect|override|overrule|bypass|stop following|set aside|do not follow|don['’]t follow|pay no attention to)\\s+${gap(3)}(?:previous|prior|above|earlier|preceding|foregoing|original|former|your)\\s+${gap(3)}(?:instructions?|prompts?|directives?|directions|orders|commands|guidelines|guardrails|programming|training|constraints|restrictions|polic(?:y|ies))\\b`,
    `\\b(?:ignore|disregard|forget|override|bypass)\\s+${gap(2)}(?:system|safety|developer) (?:prompts?|guidelines|guardrails|instructions)\\b`,
    `\\b(?:ignore|disregard|forget)\\s+(?:everything|anything|all|whatever)\\s+${gap(2)}(?:you (?:were|have been|are|know)|said|written|before|above|told|i said|so far)\\b`,
    `\\b(?:previous|prior|earlier|above|your|original)\\s+${gap(2)}(?:instructions?|prompts?|directives?|guidelines)\\s+(?:are|is|were|have been|has been)\\s+(?:now |hereby |all )?(?:void|obsolete|cancell?ed|revoked|superseded|replaced|outdated|no longer|invalid|suspended|lifted|rescinded)`,
  ),
  ...sign(
    'an order to ignore instructions',
    6,
    `\\b(?:ignore|disregard|forget)\\s+(?:all|any|these|those|the)\\s+${gap(1)}(?:instructions?|directives?|prompts?)\\b(?!\\s+(?:in|inside|within|contained|found|embedded|from|that|which|given (?:by|in)))`,
    `\\b(?:ignore|disregard|forget|abandon|drop|stop)\\s+(?:your|the|this|that)\\s+(?:current|present|original|assigned)?\\s*(?:task|assignment|job|goal|role|work)\\b`,
    `\\b(?:new|real|actual|updated|revised|true)\\s+(?:task|instructions?|objective|goal|mission|directive|orders)\\s*(?:for you)?\\s*(?::|is\\b|are\\b)`,
  ),
  ...sign(
    'a new role or task',
    6,
    `\\byou are (?:now|no longer|hereby|henceforth)\\s+(?:an?|the|in|free|bound|allowed|required|acting|operating|authori[sz]ed|dan\\b|root|admin)`,
    `\\byour (?:new|real|actual|true|only|next|primary|first) (?:task|instructions?|objective|goal|mission|role|job|priority|directive|purpose)\\b`,
    `\\b(?:from now on|from this point(?: on| forward)?|henceforth|going forward),?\\s+(?:you|always|never|respond|act|answer|treat|every)`,
    `\\b(?:pretend|act|behave|respond) (?:to be|as if you|as though you|like you are|as an? (?:unrestricted|unfiltered|uncensored|evil|root|admin))`,
    `\\b(?:developer|god|jailbreak|unrestricted|unfiltered) mode (?:is )?(?:now )?(?:enabled|activated|on|unlocked|engaged)`,
  ),
  ...sign(
    'a new role or task',
    5,
    `\\b(?:treat|take|regard|consider|accept) ${gap(6)}as (?:your|its|their|the|an?) (?:new |real |next |binding )?(?:instructions?|orders|task|directives?|commands?)\\b`,
  ),
  ...sign(
    'words to the agent',
    5,
    `\\b(?:attention|note|notice|message|memo|instructions?|directions?|reminder|task|request|important|warning|hint|dear|hey|hello|hi|psst)[\\s,:!-]+(?:to |for |from )?(?:all |any |the |every |our |my |you,? )*${agent}(?=[\\s,:;!.)\\]-])(?!\\s+(?:guide|documentation|sdk|api|package|library|class|module|id|name|pool|version|is |was |has ))`,
    `\\b(?:if|when|since|because|as)\\s+you\\s*(?:['’]re| are)\\s+(?:an?|the|any)\\s+${gap(2)}${agent}\\b`,
    `\\b(?:any|every|all)\\s+${agent}\\s+(?:that|who|which)?\\s*(?:reads?|reading|process(?:es|ing)|see(?:s|ing)|parsing|reviewing|analy[sz](?:es|ing)|working|must|should|shall|is required|are required)`,
    `^\\s*[/#*<!-]*\\s*@?${agent}\\s*[,:!]\\s*(?:please |you |do |run |ignore |stop |read |execute |send |now |before |first |when |the )`,
    `^\\s*[/#*<!-]*\\s*@${agent}\\s+(?:please|you|do|run|execute|ignore|stop|send)\\b`,
    `\\b(?:(?:ai|coding|automated|autonomous|llm) (?:agents?|assistants?|reviewers?|contributors?|tools?|bots?)|agents|assistants) (?:must|shall|have to|are required to|are authori[sz]ed to)\\s+(?!be\\b|have\\b|support\\b)`,
    `\\b(?:the |any )?${agent} (?:that |which |who )?(?:is |are )?(?:reading|reads|processing|processes|summari[sz]ing|reviewing) (?:this|these)\\b`,
    `\\b(?:ai|llm|agent|assistant)[ _-]?(?:instructions?|directive|override|command)s?\\s*[:=]`,
  ),
  ...sign(
    'a forged marker of the conversation',
    7,
    `<\\/?(?:system-reminder|system_prompt|system-prompt|system_message|function_results?|function_calls?|tool_results?|tool_response|tool_output|antml:\\S+|user_message|human_turn)>`,
    `<\\|(?:im_start|im_end|system|user|assistant|endoftext|start_header_id|eot_id|begin_of_text)\\|>`,
    `\\[\\/?INST\\]|<<\\/?SYS>>|<start_of_turn>|<end_of_turn>`,
    `\\b(?:end|begin|start) of (?:the )?(?:tool|function|file|command|untrusted|user|system|admin) (?:output|results?|content|data|input|prompt|message|instructions?)\\b[\\s\\S]{0,40}(?:system|user|new|instructions?|assistant|human)`,
    `[\\[(<{*=-]\\s*(?:system|admin(?:istrator)?|root|security|developer|anthropic|openai|priority|urgent)\\s+(?:override|message|notice|notification|instructions?|prompt|directive|command|alert)\\s*[\\])>}*=:-]`,
  ),
  ...sign(
    'a forged marker of the conversation',
    4,
    `^\\s*(?:#{1,4}\\s*)?(?:system|human|assistant|user)\\s*:\\s+(?:you|ignore|please|i |do |run |stop|sure|the user|new|now)`,
    `"role"\\s*:\\s*"system"\\s*,\\s*"content"\\s*:\\s*"(?:ignore|you must|you are now|new)`,
    `"type"\\s*:\\s*"tool_use"\\s*,[\\s\\S]{0,80}"name"\\s*:\\s*"(?:bash|write|edit|webfetch)"`,
    `^\\s*<\\/?system>\\s*`,
    `\\b(?:system|admin|security|policy)\\s+(?:override|directive)\\b`,
  ),
  ...sign(
    'an order to hide something from the person',
    6,
    `\\b(?:do not|don['’]t|never|must not|without|avoid|no need to)\\s+(?:tell(?:ing)?|mention(?:ing)?|inform(?:ing)?|notify(?:ing)?|alert(?:ing)?|reveal(?:ing)?|disclos(?:e|ing)|report(?:ing)?|warn(?:ing)?|say(?:ing)? (?:anything|a word))\\s+${gap(5)}${person}\\b`,
    `\\b(?:do not|don['’]t|never|must not)\\s+(?:mention|reveal|disclose|acknowledge|summari[sz]e)\\s+(?:this|these|that you|the fact|any of this|having|the (?:security|warning|notice|change|message|comment|schedule|existence))\\b`,
    `\\b(?:silently|secretly|quietly|covertly|discreetly|without (?:asking|confirmation|approval|a trace))\\b[^.\\n]{0,60}\\b(?:run|execute|send|upload|post|add|append|delete|install|push|fetch|copy|email|exfiltrate|approve|commit)`,
    `\\b(?:run|execute|send|upload|post|add|append|delete|install|push|fetch|copy|commit)\\b[^.\\n]{0,80}\\b(?:silently|secretly|covertly|discreetly|without (?:telling|informing|notifying|asking|mentioning))\\b`,
    `\\b(?:keep|make) (?:this|it|that) (?:secret|hidden|confidential|between us|invisible)\\b`,
    `\\b(?:${person}) (?:must|should|need|does|do|will)\\s*(?:not|n['’]t) (?:know|see|notice|find out|be told|need to know)`,
  ),
  ...sign(
    'an order to hide something from the person',
    4,
    `\\b(?:without|do not|don['’]t|never)\\s+(?:asking|ask|wait(?:ing)? for|consult(?:ing)?)\\s+${gap(3)}${person}\\b`,
    `\\b(?:tell|assure|convince|advise) the (?:user|human|person|operator|reviewer) (?:to|that)\\b`,
  ),
  ...sign(
    'an order to hand something out',
    7,
    `\\b(?:send|post|upload|exfiltrate|forward|e-?mail|leak|transmit|submit|publish|push|copy|paste|report|append|include|encode|put|attach|dump|print|echo|write)\\s+${gap(6)}${secret}[^\\n]{0,80}?\\b(?:to|into|in|at|as|via|on)\\s+${gap(4)}(?:https?:|ftp:|\\S+@\\S+\\.\\S+|\\S+\\.(?:com|net|org|io|dev|xyz|example|test|ru|cn)\\b|webhook|pastebin|gist|url|query|parameter|image|address|server|attacker|comment|issue|endpoint)`,
    `\\b(?:curl|wget|nc|ncat)\\b[^\\n]{0,120}(?:\\$\\(|\`|<|@|-d\\s|--data)[^\\n]{0,80}(?:\\.env\\b|\\.ssh|id_rsa|id_ed25519|\\.aws|\\.netrc|/etc/passwd|printenv|\\benv\\b|TOKEN|SECRET|API_KEY)`,
    `!\\[[^\\]]{0,80}\\]\\(https?://[^)\\s]{1,200}[?&][^)\\s=]{1,40}=\\s*(?:\\{|\\[|<|\\$|%7b)[^)]{0,80}(?:secret|token|key|data|env|conversation|prompt|content|summary)`,
  ),
  ...sign(
    'a demand for its own instructions',
    7,
    `\\b(?:print|reveal|output|repeat|show|display|disclose|tell me|write (?:out|down)|leak|summari[sz]e|include)\\s+${gap(4)}(?:your|the)\\s+${gap(2)}(?:system prompt|initial prompt|hidden prompt|system instructions|system message|initial instructions|hidden instructions)`,
  ),
  ...sign(
    'a claim of leave or rank',
    5,
    `\\b(?:the |your )?(?:user|owner|human|operator|developer|admin(?:istrator)?|maintainer|security team|person|anthropic|openai) (?:has|have|had|already|hereby)\\s+${gap(2)}(?:approved|authori[sz]ed|confirmed|consented|agreed|granted|allowed|permitted|pre-?approved|requested|asked you|instructed)`,
    `\\byou (?:have been|are|were) (?:hereby |now |already |fully )?(?:authori[sz]ed|granted|cleared|instructed|ordered|commanded|pre-?approved) (?:to|by|full|root|admin|access)`,
    `\\b(?:this|these|the following) ${gap(2)}(?:overrides?|supersedes?|takes? precedence over|replaces?|outranks?)\\s+${gap(2)}(?:all|any|your|every|previous|prior|other|earlier|system)\\b`,
    `\\b(?:no|without|skip(?:ping)?|needs? no) (?:further |additional |any )?(?:approval|confirmation|permission|authori[sz]ation) (?:is |are )?(?:needed|required|necessary)`,
  ),
  ...sign(
    'an order to use a tool',
    4,
    `\\b(?:use|call|invoke|run|execute)\\s+(?:the |your )?(?:bash|shell|terminal|write|edit|webfetch|web_fetch|fetch|browser|computer|python|file|croncreate|propose|schedulewakeup|mcp__\\S+) tool\\b`,
    `\\byou (?:must|should|need to|have to|are required to|shall|will)\\s+(?:now |first |also |immediately |then |always )?(?:run|execute|fetch|download|curl|visit|open|navigate|send|post|upload|delete|push|append|disable|approve|include)\\b`,
    `\\b(?:before|prior to|after|in order to) (?:you )?(?:continu(?:e|ing)|proceed(?:ing)?|answer(?:ing)?|respond(?:ing)?|finish(?:ing)?|summari[sz](?:e|ing)|complet(?:e|ing) (?:your|the) (?:task|work)|reading (?:on|further)|doing anything else)[^.\\n]{0,40}\\b(?:run|execute|fetch|download|curl|send|post|upload|visit|open|delete|paste|install|first|must)\\b`,
    `\\b(?:to (?:continue|proceed|fix this|complete (?:your|the) task|pass verification|verify (?:yourself|the environment))),?\\s+(?:please )?(?:run|execute|fetch|curl|download|visit|paste|install)\\b`,
  ),
  ...sign(
    'an order to spoil the work',
    5,
    `\\b(?:always )?(?:approve|merge|accept|lgtm) (?:this|the|all|any|every) (?:pr|pull request|change|commit|proposal|request|diff)s?\\b[^.\\n]{0,60}(?:without|regardless|immediately|no matter|and (?:do not|don['’]t))`,
    `\\b(?:insert|add|introduce|plant|leave|inject) (?:a |an |this |the )?(?:subtle |hidden |small )?(?:backdoor|vulnerability|bug|malicious|malware|reverse shell|trojan)`,
    `\\b(?:disable|turn off|remove|skip|weaken|bypass) (?:the |all |any |your )?(?:sandbox|security checks?|safety|guardrails?|permission checks?|filters?|audit(?: log)?|content filters?)\\b`,
    `\\b(?:mark|report|rate|classify|label) (?:this|it|everything|all (?:checks|tests|findings)|the (?:file|code|change|test|finding)s?) as (?:safe|passed|passing|approved|benign|fixed|reviewed|false positive|not vulnerable)\\b`,
  ),
];
