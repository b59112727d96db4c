import { isTerm, label, type Language } from '@fenxiao/domain/dictionary';

/** As the driver hands it over. */
type Instant = Date | string;

/** A notice as its table has it. */
export interface NoticeRow {
  readonly id: string;
  readonly kind: string;
  readonly service: string;
  readonly procedure: string;
  readonly path: string | null;
  readonly about: string | null;
  readonly number: string | null;
  readonly move: string | null;
  readonly state: string | null;
  readonly due_at: Instant | null;
  readonly detail: string | null;
  readonly rule: string;
  readonly unreceived: readonly string[] | null;
  readonly at: Instant;
  readonly read_at: Instant | null;
}

export interface NoticeText {
  /** one line: what it is, and about which object */
  readonly title: string;
  /** what is waited for, until when, why */
  readonly text: string;
  /** where the object is read; null when it is about none */
  readonly link: string | null;
}

export interface Place {
  readonly timeZone: string;
  /** what people call the installation */
  readonly url: string;
}

/** A notice in words, as the procedure calls its moves and states. Names that the dictionary lacks stand as they are. */
export function inWords(notice: NoticeRow, language: Language, { timeZone, url }: Place): NoticeText {
  const { kind, service, procedure, path, about, number, move, state, due_at, detail, rule, unreceived } = notice;
  const word = (key: string, of = procedure) => (isTerm(key, of) ? label(key, of)[language] : key);
  const colon = language === 'zh' ? '：' : ': ';
  const line = (zh: string, en: string, value: string | null) =>
    value ? [`${language === 'zh' ? zh : en}${colon}${value}`] : [];
  const roles = unreceived?.map((role) => word(role)).join(language === 'zh' ? '、' : ', ');
  const nobody =
    language === 'zh'
      ? `无人可收到此通知，故转系统管理员${roles ? `；应由以下岗位办理${colon}${roles}` : ''}。`
      : `Nobody could receive this, so it goes to the system administrator${roles ? `; it is for: ${roles}` : ''}.`;
  const lines = [
    ...(unreceived ? [nobody] : []),
    ...line('待办', 'To be done', move && word(move)),
    ...line('状态', 'State', state && word(state)),
    ...line('期限', 'Due', due_at && localTime(due_at, timeZone)),
    ...(detail ? [detail] : []),
    ...line('依据', 'Rule', rule),
  ];
  const what = `${word(procedure)}${number ? ` ${number}` : ''}`;
  return {
    title: `${word(kind, 'notice')}${colon}${what}`,
    text: lines.join('\n'),
    link: about && `${url}/api/${service}/${path ?? `${procedure}s`}/${about}`,
  };
}

/** `2026-03-05 18:00`, in the business time zone. */
const localTime = (at: Instant, timeZone: string) =>
  new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(new Date(at));
