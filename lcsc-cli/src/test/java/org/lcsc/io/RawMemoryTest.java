package org.lcsc.io;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitCallTarget;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Nothing reads or writes the memory of arrays but {@link HostMemory}. */
class RawMemoryTest {

  /** What a buffer holds is reached by calls on it; to hand one on is harmless. */
  private static final ArchRule RULE =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName(HostMemory.class.getName())
          .and()
          .doNotHaveFullyQualifiedName(HostMemory.class.getName() + "$Host")
          .and()
          .doNotHaveFullyQualifiedName(HostMemory.class.getName() + "$Device")
          .should()
          .callCodeUnitWhere(
              target(owner(assignableTo(DataBuffer.class)))
                  .or(target(owner(assignableTo(AffinityManager.class))))
                  .or(
                      target(owner(assignableTo(Nd4j.class)))
                          .and(
                              target(
                                  describe(
                                      "createBuffer",
                                      (CodeUnitCallTarget called) ->
                                          called.getName().equals("createBuffer"))))))
          .because(
              "a device does not know of what passes by HostMemory, and the host's copy is stale");

  @Test
  void hasOneDoor() {
    JavaClasses classes =
        new ClassFileImporter()
            .withImportOption(new DoNotIncludeTests())
            .withImportOption(location -> !location.contains("/test/"))
            .importPackages("org.lcsc");
    assertThat(classes.contain(HostMemory.class)).isTrue();
    assertThat(classes.size()).isGreaterThan(400);
    RULE.check(classes);
  }

  /** What the rule is against. */
  static final class Burglar {

    float[] floats(INDArray array) {
      return array.data().asFloat();
    }
  }

  @Test
  void isNotPassedBy() {
    JavaClasses classes = new ClassFileImporter().importClasses(Burglar.class);
    assertThatThrownBy(() -> RULE.check(classes)).hasMessageContaining("DataBuffer.asFloat()");
  }
}
