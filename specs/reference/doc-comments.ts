import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

/** A field of the spec, as its doc comment describes it. */
export interface DocumentedField {
  readonly name: string;
  readonly optional: boolean;
  /** Of the doc comment, on one line, without its tags. */
  readonly text: string;
  /** The `@default` tag: JSON, or words after a dash. */
  readonly defaultTag?: string;
  /** The interface that the field, or each entry of it, has. */
  readonly section?: string;
  /** True: an object of entries by a name that a person chooses. */
  readonly named: boolean;
}

/** An interface of modules/model/cluster-spec.ts, or of a file that it re-exports. */
export interface DocumentedSection {
  readonly text: string;
  readonly fields: readonly DocumentedField[];
}

const FILE = join(__dirname, '../../modules/model/cluster-spec.ts');

const parsed = (file: string): ts.SourceFile =>
  ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true);

/** The interfaces of the spec: that of the cluster, then those of the files that its own re-exports, in that order. */
export const specInterfaces = (): readonly ts.InterfaceDeclaration[] => {
  const root = parsed(FILE);
  const sections = root.statements
    .filter(ts.isExportDeclaration)
    .flatMap(({ moduleSpecifier: from }) => (from !== undefined && ts.isStringLiteral(from) ? [from.text] : []))
    .map((path) => parsed(`${join(dirname(FILE), path)}.ts`));
  return [root, ...sections].flatMap(({ statements }) => statements.filter(ts.isInterfaceDeclaration));
};

/** Every section of the spec by the name of its interface, from the doc comments that editors show, too. */
export const documentedSections = (): ReadonlyMap<string, DocumentedSection> => {
  const interfaces = specInterfaces();
  const names = interfaces.map(({ name }) => name.text);
  return new Map(
    interfaces.map((declaration) => [
      declaration.name.text,
      {
        text: textOf(declaration),
        fields: declaration.members.filter(ts.isPropertySignature).map((member) => fieldOf(member, names)),
      },
    ]),
  );
};

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

const textOf = (node: ts.Node): string =>
  oneLine(
    ts
      .getJSDocCommentsAndTags(node)
      .map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '')
      .join(' '),
  );

const fieldOf = (member: ts.PropertySignature, sections: readonly string[]): DocumentedField => {
  const type = member.type?.getText() ?? '';
  const section = sections.find((name) => new RegExp(`\\b${name}\\b`).test(type));
  const tag = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === 'default');
  const defaultTag = tag && oneLine(ts.getTextOfJSDocComment(tag.comment) ?? '');
  return {
    name: member.name.getText(),
    optional: member.questionToken !== undefined,
    text: oneLine(
      ts
        .getJSDocCommentsAndTags(member)
        .filter(ts.isJSDoc)
        .map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '')
        .join(' '),
    ),
    ...(defaultTag !== undefined && { defaultTag }),
    ...(section !== undefined && { section }),
    named: /\bRecord</.test(type),
  };
};
