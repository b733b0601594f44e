package org.lcsc.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Arrows between modules and packages point down only. */
class ArrowsTest {

  private static final String CORE = "lcsc-core";

  /** Packages by module, from the ground up. */
  private static final Map<String, List<String>> MODULES = new LinkedHashMap<>();

  /** Modules that a module may use, itself not among them. */
  private static final Map<String, List<String>> ARROWS = new LinkedHashMap<>();

  static {
    module(
        CORE,
        List.of(),
        "org.lcsc.io..",
        "org.lcsc.image..",
        "org.lcsc.checkpoint..",
        "org.lcsc.tensor..",
        "org.lcsc.averaging..",
        "org.lcsc.search..",
        "org.lcsc.objective..",
        "org.lcsc.config..");
    module("lcsc-metrics", List.of(CORE), "org.lcsc.metrics..");
    module("datasets", List.of(CORE), "org.lcsc.datasets..");
    module(
        "lcsc-dl4j-listener",
        List.of("lcsc-metrics"),
        "org.lcsc.listener..",
        "org.lcsc.model..",
        "org.lcsc.network..",
        "org.lcsc.export..",
        "org.lcsc.ui..");
    module("diffusion-models", List.of("lcsc-dl4j-listener", "datasets"), "org.lcsc.diffusion..");
    module("consistency-models", List.of("diffusion-models"), "org.lcsc.consistency..");
    module("lcsc-experiment", List.of("consistency-models"), "org.lcsc.experiment..");
    module("lcsc-cli", List.of("lcsc-experiment"), "org.lcsc.cli..");
    module("lcsc-spark", List.of("lcsc-experiment"), "org.lcsc.spark..");
    module("benchmarks", List.of("lcsc-experiment"), "org.lcsc.benchmarks..");
  }

  private static JavaClasses all;

  /** A module may use those named and whatever these may. */
  private static void module(String name, List<String> uses, String... packages) {
    List<String> reached = new ArrayList<>(uses);
    uses.forEach(
        used -> ARROWS.get(used).stream().filter(m -> !reached.contains(m)).forEach(reached::add));
    ARROWS.put(name, reached);
    MODULES.put(name, List.of(packages));
  }

  @BeforeAll
  static void readAllModules() {
    all =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(location -> !location.contains("/test/"))
            .importPackages("org.lcsc");
  }

  private static String[] packages(String... modules) {
    return List.of(modules).stream()
        .flatMap(module -> MODULES.get(module).stream())
        .toArray(String[]::new);
  }

  @Test
  void everyClassIsOfAModule() {
    String[] known = packages(MODULES.keySet().toArray(String[]::new));
    assertThat(all.stream().filter(resideInAnyPackage(known).negate()).map(JavaClass::getName))
        .isEmpty();
    MODULES.forEach(
        (module, own) ->
            assertThat(all.that(resideInAnyPackage(packages(module)))).as(module).isNotEmpty());
  }

  @Test
  void modulesUseOnlyThoseBelow() {
    LayeredArchitecture layers = layeredArchitecture().consideringOnlyDependenciesInLayers();
    for (Map.Entry<String, List<String>> module : MODULES.entrySet()) {
      layers = layers.layer(module.getKey()).definedBy(packages(module.getKey()));
    }
    for (String module : MODULES.keySet()) {
      String[] above =
          MODULES.keySet().stream()
              .filter(other -> ARROWS.get(other).contains(module))
              .toArray(String[]::new);
      layers =
          above.length == 0
              ? layers.whereLayer(module).mayNotBeAccessedByAnyLayer()
              : layers.whereLayer(module).mayOnlyBeAccessedByLayers(above);
    }
    layers.ensureAllClassesAreContainedInArchitecture();
    layers.check(all);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("org.lcsc.(**)").should().beFreeOfCycles().check(all);
  }

  @Test
  void theGroundKnowsNothingOfDeeplearning4j() {
    noClasses()
        .that()
        .resideInAnyPackage(packages(CORE, "lcsc-metrics", "datasets"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.deeplearning4j..")
        .check(all);
  }

  @Test
  void onlyTheCommandLineKnowsItsLibraries() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.lcsc.cli..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("picocli..", "org.deeplearning4j.arbiter..")
        .check(all);
  }

  @Test
  void theLibraryNeitherPrintsNorDraws() {
    noClasses()
        .that()
        .resideInAnyPackage(packages("lcsc-experiment"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.awt..", "javax.imageio..")
        .orShould()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .check(all);
  }
}
