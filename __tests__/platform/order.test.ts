import { reported } from './platform-process';

describe('T-18 what is wrong with stages', () => {
  const report = reported('esm/report-order.ts');

  test('an order that can be kept is accepted', () => {
    expect(report['good']).toBe('accepted');
  });

  test('a cycle is named in full', () => {
    expect(report['cycle']).toBe('stages wait for each other: a -> b -> c -> a');
  });

  test('a need that is not there names who has it', () => {
    expect(report['missing']).toBe('stage "a" of a.ts needs "b", which this cluster lacks');
  });

  test('two stages of one name are refused', () => {
    expect(report['twice']).toBe('two stages are called "a"; rename the one in other.ts');
  });

  test('two objects of one file are refused', () => {
    expect(report['sameFile']).toBe(
      'one.ts renders services/one/Namespace-x.yaml twice; give one of the two another name',
    );
  });

  test('a misspelt field is refused, in a kind typed by hand as in one of the packages', () => {
    expect(report['goodCustom']).toBe('accepted');
    expect(report['misspelt']).toMatch(/^Pool-p of one\.ts is not what its schema asks for: [\s\S]*sise/);
    expect(report['incomplete']).toMatch(/^HelmRelease-app of one\.ts is not what its schema asks for: .*interval/);
  });

  test('the graphs of all clusters stand in the file together', () => {
    expect(report['graphs']).toBe(
      [
        'before\n<!-- graph -->\n',
        'Cluster `one`:\n\n```mermaid\nflowchart LR\n  a\n```\n',
        'Cluster `two`:\n\n```mermaid\nflowchart LR\n  b\n```\n',
        '<!-- /graph -->\nafter\n',
      ].join('\n'),
    );
    expect(report['unmarked']).toBe('PLATFORM.md lacks the marks <!-- graph --> and <!-- /graph -->');
  });

  test('the graph leaves out what follows from other arrows', () => {
    expect(report['graph']).toBe('flowchart LR\n  a --> b\n  b --> c\n  d\n');
  });
});
