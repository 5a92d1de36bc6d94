/** The part of `mvdan-sh` that is used here; it ships no types of its own. */
declare module 'mvdan-sh' {
  interface Position {
    /** In bytes of UTF-8. */
    Offset(): number;
  }
  interface Node {
    Args: { Pos(): Position; End(): Position }[];
    Variant: { Value: string };
  }
  const sh: {
    syntax: {
      NewParser(): { Parse(source: string, name: string): unknown };
      Walk(node: unknown, visit: (node: Node | null) => boolean): void;
      NodeType(node: Node): string;
    };
  };
  export default sh;
}
