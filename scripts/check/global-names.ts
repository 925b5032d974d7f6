import ts from "typescript";

/**
 * Tells whether an identifier means the global of that name: it is used as a value, and no declaration around it
 * gives the name another meaning. It reads the syntax alone, so it is fast and needs no types.
 */
export function isGlobalValue(identifier: ts.Identifier): boolean {
  return isUse(identifier) && !isDeclaredAround(identifier);
}

function isUse(identifier: ts.Identifier): boolean {
  const parent = identifier.parent;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === identifier;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if (ts.isTypeNode(parent) || ts.isQualifiedName(parent) || ts.isTypeElement(parent)) return false;
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent) || ts.isLabeledStatement(parent)) return false;
  if (ts.isBindingElement(parent)) return parent.initializer === identifier;
  const isName = "name" in parent && parent.name === identifier;
  return !isName;
}

function isDeclaredAround(identifier: ts.Identifier): boolean {
  for (let node: ts.Node | undefined = identifier.parent; node !== undefined; node = node.parent) {
    if (namesDeclaredBy(node).has(identifier.text)) return true;
  }
  return false;
}

const declaredNames = new WeakMap<ts.Node, Set<string>>();

/** The names that the node itself declares for all that is inside it: parameters, constants, functions, imports. */
function namesDeclaredBy(scope: ts.Node): Set<string> {
  const known = declaredNames.get(scope);
  if (known !== undefined) return known;
  const names = new Set<string>();
  declaredNames.set(scope, names);
  const addBinding = (name: ts.BindingName): void => {
    if (ts.isIdentifier(name)) names.add(name.text);
    else for (const element of name.elements) if (ts.isBindingElement(element)) addBinding(element.name);
  };
  const addVariables = (list: ts.Node | undefined): void => {
    if (list === undefined || !ts.isVariableDeclarationList(list)) return;
    for (const declaration of list.declarations) addBinding(declaration.name);
  };
  if (ts.isFunctionLike(scope)) for (const parameter of scope.parameters) addBinding(parameter.name);
  if (ts.isForStatement(scope) || ts.isForOfStatement(scope) || ts.isForInStatement(scope))
    addVariables(scope.initializer);
  if (ts.isCatchClause(scope) && scope.variableDeclaration) addBinding(scope.variableDeclaration.name);
  if (ts.isSourceFile(scope) || ts.isBlock(scope)) {
    for (const statement of scope.statements) {
      if (ts.isVariableStatement(statement)) addVariables(statement.declarationList);
      else if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement))
        names.add(statement.name?.text ?? "");
      else if (ts.isImportDeclaration(statement)) addImported(statement.importClause, names);
    }
  }
  return names;
}

function addImported(clause: ts.ImportClause | undefined, names: Set<string>): void {
  if (clause?.name) names.add(clause.name.text);
  const bindings = clause?.namedBindings;
  if (bindings === undefined) return;
  if (ts.isNamespaceImport(bindings)) names.add(bindings.name.text);
  else for (const element of bindings.elements) names.add(element.name.text);
}
