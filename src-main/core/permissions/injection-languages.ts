/** The plainest orders to an agent in other languages than English: to ignore what it was told, and to keep quiet about it. */
import type { Sign } from './injection-signs.ts';

/** Up to five words in between, in scripts that set words apart. */
const gap = "(?:[\\p{L}\\p{M}\\p{N}'’,-]+\\s+){0,5}";

/** Verb, then what is to be forgotten; where the object comes first, the other way round. */
const ignoring: readonly string[] = [
  `(?:ignorier\\p{L}*|vergiss|vergesst|vergessen sie|missachte\\p{L}*|verwirf|verwerfen sie)\\s+${gap}(?:anweisung\\p{L}*|instruktion\\p{L}*|vorgaben?|befehle?|systemprompt\\p{L}*|regeln|aufgabe|auftrag)`,
  `(?:ignore[sz]?|oublie[sz]?|ne (?:tiens|tenez) pas compte)\\s+${gap}(?:d['’])?(?:instructions?|consignes?|directives?|ordres)`,
  `(?:ignor[aeo]\\p{L}*|olvid[ae]\\p{L}*|descart[ae]\\p{L}*|haz caso omiso de)\\s+${gap}(?:instrucci[oó]n(?:es)?|indicaciones|[oó]rdenes|directrices|reglas)`,
  `(?:ignor[ea]\\p{L}*|esque[cç]a\\p{L}*|desconsider[ea]\\p{L}*)\\s+${gap}(?:instru[cç](?:[oõ]es|[aã]o)|orienta[cç][oõ]es|ordens|diretrizes|regras)`,
  `(?:ignora\\p{L}*|dimentica\\p{L}*|trascura\\p{L}*)\\s+${gap}(?:istruzion[ei]|direttiv[ae]|indicazioni|ordini|regole)`,
  `(?:negeer|vergeet)\\s+${gap}(?:instructies?|aanwijzingen|opdracht(?:en)?|regels)`,
  `(?:ignorera|glöm|bortse från)\\s+${gap}(?:instruktion\\p{L}*|anvisning\\p{L}*|regler)`,
  `(?:ignorer|glem|se bort fra)\\s+${gap}(?:instruks\\p{L}*|anvisning\\p{L}*|instruktion\\p{L}*|regler)`,
  `(?:zignoruj|ignoruj|zapomnij|pomi[nń])\\s+${gap}(?:instrukcj\\p{L}*|polece\\p{L}*|wytyczn\\p{L}*|zasad\\p{L}*)`,
  `(?:ignoruj|zapome[nň])\\p{L}*\\s+${gap}(?:pokyn\\p{L}*|instrukc\\p{L}*|příkaz\\p{L}*)`,
  `(?:игнорируй|проигнорируй|забудь|отбрось|не обращай внимания на)\\p{L}*\\s+${gap}(?:инструкци\\p{L}*|указани\\p{L}*|команд\\p{L}*|правил\\p{L}*)`,
  `(?:ігноруй|проігноруй|забудь)\\p{L}*\\s+${gap}(?:інструкці\\p{L}*|вказівк\\p{L}*|правил\\p{L}*)`,
  `(?:talimat\\p{L}*|yönerge\\p{L}*|komut\\p{L}*|kural\\p{L}*)\\s+${gap}(?:yok say|göz ardı et|görmezden gel|unut|dikkate alma)\\p{L}*`,
  `(?:abaikan|lupakan)\\s+${gap}(?:instruksi|perintah|arahan|aturan)`,
  `(?:bỏ qua|phớt lờ|quên)\\s+${gap}(?:hướng dẫn|chỉ dẫn|chỉ thị|lệnh)`,
  '(?:تجاهل|انس|اترك)\\s+(?:\\S+\\s+){0,3}(?:التعليمات|الأوامر|التوجيهات|تعليمات|تعليماتك)',
  '(?:התעלם|התעלמי|שכח)\\s+(?:\\S+\\s+){0,3}(?:ההוראות|הוראות|מההוראות|ההנחיות|מכל ההוראות)',
  '(?:निर्देशों|निर्देश|आदेशों)\\s+(?:\\S+\\s+){0,2}(?:अनदेखा|नज़रअंदाज़|नजरअंदाज|भूल)',
  '(?:忽略|无视|無視|忽視|忘记|忘記|不要理会|不用理会|抛弃)[^。\\n]{0,20}?(?:指令|指示|说明|說明|提示|命令|规则|規則|要求)',
  '(?:指示|命令|プロンプト|指令|ルール|説明)[^。\\n]{0,8}?(?:無視|忘れ|破棄|従わない)',
  '(?:지시|지침|명령|프롬프트|규칙)\\p{L}*\\s*(?:\\S+\\s*){0,2}(?:무시|잊어|따르지)',
  '(?:αγνόησε|αγνοήστε|ξέχασε)\\s+(?:\\S+\\s+){0,4}(?:οδηγίες|εντολές)',
  '(?:ignoră|ignora[tț]i|uită)\\s+(?:\\S+\\s+){0,4}(?:instruc[tț]iuni\\p{L}*|indica[tț]ii\\p{L}*)',
  '(?:ละเว้น|เพิกเฉย|ไม่ต้องสนใจ)[^\\n]{0,20}(?:คำสั่ง|คำแนะนำ)',
];

const hiding: readonly string[] = [
  `(?:sag|sagen sie|verrate|erzähl\\p{L}*|informier\\p{L}*|erwähn\\p{L}*)\\s+${gap}(?:nutzer|benutzer|anwender|menschen)\\p{L}*\\s+${gap}(?:nichts|nicht|kein\\p{L}*)`,
  `(?:ne (?:dis|dites|mentionne\\p{L}*|révèle\\p{L}*|informe\\p{L}*))\\s+${gap}(?:l['’])?(?:utilisateur|développeur|humain)`,
  `no (?:se lo )?(?:digas?|informes?|menciones?|reveles?|avises?)\\s+${gap}(?:al |a la )?(?:usuari[oa]|humano|desarrollador)`,
  `n[aã]o (?:diga|informe|mencione|revele|conte)\\s+${gap}(?:usu[aá]rio|humano)`,
  `non (?:dire|informare|menzionare|dirlo)\\s+${gap}(?:utente|umano|all['’]utente)`,
  `не (?:говори|сообщай|упоминай|рассказывай)\\p{L}*\\s+${gap}(?:пользовател\\p{L}*|человек\\p{L}*)`,
  '(?:不要|别|請勿|请勿|切勿)[^。\\n]{0,6}(?:告诉|告訴|通知|提及|透露)[^。\\n]{0,8}(?:用户|用戶|使用者|任何人)',
  '(?:ユーザー|利用者)に[^。\\n]{0,10}(?:言わない|伝えない|知らせない|教えない|報告しない)',
  '(?:사용자|유저)에게\\s*(?:\\S+\\s*){0,3}(?:말하지|알리지|언급하지)',
];

const make = (name: string, weight: number, patterns: readonly string[]): Sign[] =>
  patterns.map((pattern) => ({ name, weight, pattern: new RegExp(pattern, 'giu') }));

/** Kept apart from the English ones: fewer ordinary texts speak like this, so nothing softens them. */
export const signsElsewhere: readonly Sign[] = [
  ...make('an order to ignore instructions', 10, ignoring),
  ...make('an order to hide something from the person', 7, hiding),
];
