/**
 * A set in a total order that also knows at which place each value stands: an AVL tree whose nodes count what is
 * below them (Knuth, The Art of Computer Programming, vol. 3, 6.2.3). Everything is O(log n) but `values`,
 * which is O(log n + k) for k values. Two values are the same where the order says 0.
 */
export class OrderedSet<Value> {
  readonly #compare: (a: Value, b: Value) => number;
  #root: Node<Value> | null = null;

  constructor(compare: (a: Value, b: Value) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return countOf(this.#root);
  }

  /** The first value in order. */
  first(): Value | undefined {
    let node = this.#root;
    while (node?.left) node = node.left;
    return node?.value;
  }

  /** Adds a value, or puts it in the place of the one that is the same. */
  add(value: Value): void {
    this.#root = this.#insert(this.#root, value);
  }

  /** Takes the value out; one that is not there is no matter. */
  delete(value: Value): void {
    this.#root = this.#remove(this.#root, value);
  }

  /** How many values stand before this one, itself in the set or not. */
  rankOf(value: Value): number {
    let rank = 0;
    let node = this.#root;
    while (node !== null) {
      const order = this.#compare(value, node.value);
      if (order > 0) rank += countOf(node.left) + 1;
      if (order === 0) return rank + countOf(node.left);
      node = order < 0 ? node.left : node.right;
    }
    return rank;
  }

  /** The values in order, from this rank on (0: from the first). */
  *values(from_rank = 0): Generator<Value> {
    const path: Node<Value>[] = [];
    let skip = from_rank;
    let node = this.#root;
    while (node !== null) {
      const before = countOf(node.left);
      if (skip <= before) {
        path.push(node);
        node = node.left;
      } else {
        skip -= before + 1;
        node = node.right;
      }
    }
    for (let next = path.pop(); next !== undefined; next = path.pop()) {
      yield next.value;
      for (let below = next.right; below !== null; below = below.left) path.push(below);
    }
  }

  #insert(node: Node<Value> | null, value: Value): Node<Value> {
    if (node === null) return { value, left: null, right: null, height: 1, count: 1 };
    const order = this.#compare(value, node.value);
    if (order === 0) node.value = value;
    else if (order < 0) node.left = this.#insert(node.left, value);
    else node.right = this.#insert(node.right, value);
    return balanced(node);
  }

  #remove(node: Node<Value> | null, value: Value): Node<Value> | null {
    if (node === null) return null;
    const order = this.#compare(value, node.value);
    if (order < 0) node.left = this.#remove(node.left, value);
    else if (order > 0) node.right = this.#remove(node.right, value);
    else if (node.left === null) return node.right;
    else if (node.right === null) return node.left;
    else {
      let next = node.right;
      while (next.left !== null) next = next.left;
      node.value = next.value;
      node.right = this.#remove(node.right, next.value);
    }
    return balanced(node);
  }
}

interface Node<Value> {
  value: Value;
  left: Node<Value> | null;
  right: Node<Value> | null;
  height: number;
  count: number;
}

function countOf(node: Node<unknown> | null): number {
  return node === null ? 0 : node.count;
}

function heightOf(node: Node<unknown> | null): number {
  return node === null ? 0 : node.height;
}

function measured<Value>(node: Node<Value>): Node<Value> {
  node.height = Math.max(heightOf(node.left), heightOf(node.right)) + 1;
  node.count = countOf(node.left) + countOf(node.right) + 1;
  return node;
}

function balanced<Value>(node: Node<Value>): Node<Value> {
  const lean = heightOf(node.left) - heightOf(node.right);
  if (lean > 1 && node.left !== null) {
    if (heightOf(node.left.left) < heightOf(node.left.right)) node.left = rotatedLeft(node.left);
    return rotatedRight(node);
  }
  if (lean < -1 && node.right !== null) {
    if (heightOf(node.right.right) < heightOf(node.right.left)) node.right = rotatedRight(node.right);
    return rotatedLeft(node);
  }
  return measured(node);
}

function rotatedLeft<Value>(node: Node<Value>): Node<Value> {
  const top = node.right;
  if (top === null) return measured(node);
  node.right = top.left;
  top.left = measured(node);
  return measured(top);
}

function rotatedRight<Value>(node: Node<Value>): Node<Value> {
  const top = node.left;
  if (top === null) return measured(node);
  node.left = top.right;
  top.right = measured(node);
  return measured(top);
}
