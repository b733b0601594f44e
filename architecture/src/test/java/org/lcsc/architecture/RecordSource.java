package org.lcsc.architecture;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.doctree.DocTree;
import com.sun.source.doctree.LinkTree;
import com.sun.source.doctree.LiteralTree;
import com.sun.source.doctree.ParamTree;
import com.sun.source.doctree.ValueTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * What the source of a settings record says of its components and no class file does.
 *
 * @param summary first sentence of its Javadoc
 * @param meanings text of the {@code @param} tags by component
 * @param ranges allowed values by component, of the calls of {@link org.lcsc.config.Require} that
 *     name it
 */
record RecordSource(String summary, Map<String, String> meanings, Map<String, String> ranges) {

  private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();

  /** Javadoc's own rule ends one at "et al.". */
  private static final Pattern SENTENCE = Pattern.compile("^.*?(?<!et al)[.](?= |$)");

  /** Where the sources of the modules lie, from this module's directory. */
  private static final Path TREE = Path.of("..");

  static RecordSource of(Class<?> type) throws IOException {
    Class<?> outer = type.getNestHost();
    String name = outer.getName().replace('.', '/') + ".java";
    Path file;
    try (Stream<Path> modules = Files.list(TREE)) {
      file =
          modules
              .map(module -> module.resolve("src/main/java").resolve(name))
              .filter(Files::exists)
              .findFirst()
              .orElseThrow(() -> new IOException("no source of " + type));
    }
    try (StandardJavaFileManager files = COMPILER.getStandardFileManager(null, null, null)) {
      JavacTask task =
          (JavacTask)
              COMPILER.getTask(
                  null, files, null, List.of("-proc:none"), null, files.getJavaFileObjects(file));
      CompilationUnitTree unit = task.parse().iterator().next();
      Reader reader = new Reader(DocTrees.instance(task), type);
      reader.scan(unit, null);
      return new RecordSource(reader.summary, reader.meanings, reader.ranges);
    }
  }

  private static final class Reader extends TreePathScanner<Void, Void> {

    private final DocTrees docs;
    private final Class<?> type;
    private String summary = "";
    private final Map<String, String> meanings = new HashMap<>();
    private final Map<String, String> ranges = new TreeMap<>();

    Reader(DocTrees docs, Class<?> type) {
      this.docs = docs;
      this.type = type;
    }

    @Override
    public Void visitClass(ClassTree tree, Void nothing) {
      if (tree.getSimpleName().contentEquals(type.getSimpleName())) {
        DocCommentTree doc = docs.getDocCommentTree(new TreePath(getCurrentPath(), tree));
        doc = doc == null ? docs.getDocCommentTree(getCurrentPath()) : doc;
        if (doc != null) {
          summary = text(doc.getFullBody());
          Matcher sentence = SENTENCE.matcher(summary);
          summary = sentence.find() ? sentence.group() : summary;
          for (DocTree tag : doc.getBlockTags()) {
            if (tag instanceof ParamTree param) {
              meanings.put(param.getName().toString(), text(param.getDescription()));
            }
          }
        }
      }
      return super.visitClass(tree, nothing);
    }

    @Override
    public Void visitMethodInvocation(MethodInvocationTree call, Void nothing) {
      List<String> arguments = call.getArguments().stream().map(ExpressionTree::toString).toList();
      String method = call.getMethodSelect().toString();
      if (inOwnBody() && method.startsWith("Require.") && arguments.size() > 1) {
        String key = arguments.get(method.equals("Require.not") ? 1 : 0).replace("\"", "");
        String range = range(method.substring("Require.".length()), arguments);
        if (range != null) {
          ranges.merge(key, range, (one, other) -> one.equals(other) ? one : one + "; " + other);
        }
      }
      return super.visitMethodInvocation(call, nothing);
    }

    /** Whether this is in the record, not in another class of its file. */
    private boolean inOwnBody() {
      TreePath path = getCurrentPath();
      while (!(path.getLeaf() instanceof ClassTree around)) {
        path = path.getParentPath();
      }
      return around.getSimpleName().contentEquals(type.getSimpleName());
    }

    /** The words that {@code Require} itself has for the range; null where it has none. */
    private String range(String method, List<String> arguments) {
      List<String> bounds = arguments.stream().skip(2).map(this::constant).toList();
      if (bounds.contains(null)) {
        return null;
      }
      return switch (method) {
        case "atLeast" -> bounds.get(0) + " or more";
        case "between" -> bounds.get(0) + " to " + bounds.get(1);
        case "positive" -> "more than 0";
        case "notNegative" -> "0 or more";
        case "aboveTo" -> "more than " + bounds.get(0) + ", to " + bounds.get(1);
        case "fromBelow" -> bounds.get(0) + " to less than " + bounds.get(1);
        case "inside" -> "more than " + bounds.get(0) + ", less than " + bounds.get(1);
        case "distinct" -> "one or more, none twice";
        case "noDuplicates" -> "none twice";
        default -> null;
      };
    }

    /**
     * A bound: a number, a constant of the record or another key; null where it is none of these.
     */
    private String constant(String expression) {
      if (!expression.matches("[A-Za-z_]\\w*")) {
        String number = expression.replaceAll("(?<=\\d)_(?=\\d)", "");
        return number.matches("-?[0-9.eE-]+") ? number : null;
      }
      try {
        Field field = type.getDeclaredField(expression);
        if (!Modifier.isStatic(field.getModifiers())) {
          return "`" + expression + "`";
        }
        field.setAccessible(true);
        return String.valueOf(field.get(null));
      } catch (ReflectiveOperationException e) {
        return null;
      }
    }

    /** What a link leads to: an enum's constant as in a file, anything else as in Java. */
    private static String name(String reference) {
      String name = reference.replaceAll("^#|\\(.*|\\b([a-z0-9]+\\.)+(?=[A-Z])", "");
      String constant = name.replaceAll("^.*#", "");
      return constant.matches("[A-Z][A-Z0-9_]+")
          ? constant.toLowerCase(Locale.ROOT).replace('_', '-')
          : name.replace('#', '.');
    }

    private String text(List<? extends DocTree> parts) {
      return parts.stream()
          .map(this::text)
          .collect(Collectors.joining())
          .replaceAll("\\s+", " ")
          .strip();
    }

    private String text(DocTree part) {
      if (part instanceof LiteralTree literal) {
        return "`" + literal.getBody().toString().strip() + "`";
      }
      if (part instanceof LinkTree link) {
        return link.getLabel().isEmpty()
            ? "`" + name(link.getReference().toString()) + "`"
            : text(link.getLabel());
      }
      if (part instanceof ValueTree value) {
        return constant(value.getReference().toString().replaceAll("^.*#", ""));
      }
      return part.toString().replaceAll("<[^>]*>", "");
    }
  }
}
