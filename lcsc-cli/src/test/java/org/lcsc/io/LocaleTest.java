package org.lcsc.io;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitCallTarget;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.lang.ArchRule;
import java.text.DecimalFormat;
import java.text.SimpleDateFormat;
import java.time.format.DateTimeFormatter;
import java.util.Formatter;
import java.util.Locale;
import java.util.Scanner;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** No text depends on the locale: every call that could use the default one names another. */
class LocaleTest {

  /** Methods that use the default locale where they are given none, whosever they are. */
  private static final Set<String> METHODS =
      Set.of(
          "format",
          "formatted",
          "printf",
          "toLowerCase",
          "toUpperCase",
          "ofPattern",
          "ofLocalizedDate",
          "getInstance",
          "getNumberInstance",
          "getPercentInstance",
          "getIntegerInstance",
          "getCompactNumberInstance");

  private static final Set<Class<?>> CONSTRUCTED =
      Set.of(Formatter.class, DecimalFormat.class, SimpleDateFormat.class, Scanner.class);

  private static final ArchRule RULE =
      noClasses()
          .should()
          .callCodeUnitWhere(
              describe("use the default locale", (JavaCall<?> call) -> isOpen(call.getTarget())))
          .because("a locale with other digits or letters writes them into files");

  private static boolean isOpen(CodeUnitCallTarget called) {
    String owner = called.getOwner().getName();
    if (!owner.startsWith("java.")
        || called.getRawParameterTypes().stream().anyMatch(t -> t.isEquivalentTo(Locale.class))) {
      return false;
    }
    if (called.getName().equals("<init>")) {
      return CONSTRUCTED.stream().anyMatch(type -> type.getName().equals(owner));
    }
    boolean ofFormatter = owner.equals(DateTimeFormatter.class.getName());
    return METHODS.contains(called.getName())
        && (owner.startsWith("java.text.")
            || owner.equals("java.lang.String")
            || owner.startsWith("java.io.Print")
            || owner.equals("java.io.Console")
            || owner.equals(Formatter.class.getName())
            || ofFormatter && called.getName().startsWith("of"));
  }

  @Test
  void isNeverTheDefault() {
    JavaClasses classes =
        new ClassFileImporter()
            .withImportOption(new DoNotIncludeTests())
            .withImportOption(location -> !location.contains("/test/"))
            .importPackages("org.lcsc");
    assertThat(classes.size()).isGreaterThan(400);
    RULE.check(classes);
  }

  /** What the rule is against. */
  static final class Offender {

    String text(int number) {
      return "%d".formatted(number) + String.format("%d", number) + "I".toLowerCase();
    }

    Object others() {
      return new DecimalFormat("0.0");
    }

    String right(int number) {
      return String.format(Locale.ROOT, "%d", number) + "I".toLowerCase(Locale.ROOT);
    }
  }

  @Test
  void isNotUsedUnseen() {
    JavaClasses classes = new ClassFileImporter().importClasses(Offender.class);
    assertThatThrownBy(() -> RULE.check(classes))
        .hasMessageContaining("String.formatted(")
        .hasMessageContaining("String.format(java.lang.String")
        .hasMessageContaining("String.toLowerCase()")
        .hasMessageContaining("DecimalFormat.<init>")
        .hasMessageNotContaining("Offender.right(");
  }
}
