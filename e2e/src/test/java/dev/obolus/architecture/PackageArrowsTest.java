// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What Maven cannot keep: arrows inside a module, and calls that are not made. */
class PackageArrowsTest {

  private static final JavaClasses PRODUCT =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .withImportOption((Location location) -> !location.contains("/test-classes/"))
          .importPackages("dev.obolus");

  /**
   * Process edges, where a publisher may be subscribed to or waited for. Each is one class, named
   * here with its reason.
   */
  private static final Set<String> EDGES =
      Set.of(
          // nobody waits for the counts of strangers: a timer of its own, and once at the end
          "dev.obolus.gateway.http.Rejections",
          // the log's writer is on nobody's subscription, so that nobody can cancel a commit
          "dev.obolus.audit.postgres.BatchWriter",
          // hints are nobody's request: from the log's opening to its end
          "dev.obolus.audit.postgres.HintSender",
          // what a crash left of an erasure is nobody's request: from the log's opening to its end
          "dev.obolus.audit.postgres.AuditDatabase",
          // one tail of the log for all who watch, from the console's start to its end
          "dev.obolus.console.live.Tail");

  @Test
  void everyRoomIsOnTheClassPath() {
    for (String room :
        new String[] {
          "terms", "audit", "policy", "connector", "gateway", "console", "cli", "sandbox"
        }) {
      assertThat(
              PRODUCT.stream().anyMatch(c -> c.getPackageName().startsWith("dev.obolus." + room)))
          .as(room)
          .isTrue();
    }
  }

  @Test
  void theChainIsPureJava() {
    noClasses()
        .that()
        .resideInAPackage("dev.obolus.audit.chain..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.springframework..", "reactor..", "io.r2dbc..", "dev.obolus.audit.fsck..")
        .check(PRODUCT);
  }

  /** All that the verifier shares with the rest: values that only hold bytes. */
  private static final Set<String> BYTES =
      Set.of("dev.obolus.audit.Bytes", "dev.obolus.audit.ChainId");

  @Test
  void theVerifierSharesNoCodeWithTheWriter() {
    noClasses()
        .that()
        .resideInAPackage("dev.obolus.audit.fsck..")
        .should()
        .dependOnClassesThat(
            DescribedPredicate.describe(
                "are any other room's",
                (JavaClass c) ->
                    c.getPackageName().startsWith("dev.obolus")
                        && !c.getPackageName().equals("dev.obolus.audit.fsck")
                        && !BYTES.contains(c.getName())))
        .check(PRODUCT);
  }

  @Test
  void nothingOfTheProductKnowsTheSandbox() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.obolus.sandbox..", "dev.obolus.bench..", "dev.obolus.e2e..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.obolus.sandbox..")
        .check(PRODUCT);
  }

  @Test
  void theSandboxKnowsNothingOfTheProduct() {
    noClasses()
        .that()
        .resideInAPackage("dev.obolus.sandbox..")
        .should()
        .dependOnClassesThat(
            DescribedPredicate.describe(
                "are of the product",
                (JavaClass c) ->
                    c.getPackageName().startsWith("dev.obolus.")
                        && !c.getPackageName().startsWith("dev.obolus.sandbox")))
        .check(PRODUCT);
  }

  @Test
  void theConsoleReadsTheLogByItsPortsOnly() {
    noClasses()
        .that()
        .resideInAPackage("dev.obolus.console..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.obolus.audit.chain..", "dev.obolus.audit.fsck..")
        .check(PRODUCT);
  }

  @Test
  void onlyTheMediatorKnowsTheOrderOfSteps() {
    classes()
        .that()
        .resideInAPackage("dev.obolus.gateway..")
        .and()
        .resideOutsideOfPackages("dev.obolus.gateway.mediation..", "dev.obolus.gateway")
        .should()
        .onlyDependOnClassesThat(
            DescribedPredicate.describe(
                "are not policy's evaluator",
                (JavaClass c) -> !c.getName().equals("dev.obolus.policy.PolicyInput")))
        .check(PRODUCT);
  }

  @Test
  void nobodySubscribesOrBlocksOutsideTheNamedEdges() {
    Set<String> offenders = new TreeSet<>();
    for (JavaClass type : PRODUCT) {
      if (type.getPackageName().startsWith("dev.obolus.sandbox")
          || type.getPackageName().startsWith("dev.obolus.bench")
          || EDGES.contains(outermost(type))) {
        continue;
      }
      for (JavaMethodCall call : type.getMethodCallsFromSelf()) {
        String owner = call.getTargetOwner().getName();
        boolean publisher =
            owner.equals("reactor.core.publisher.Mono")
                || owner.equals("reactor.core.publisher.Flux");
        if (publisher
            && Set.of("subscribe", "block", "blockFirst", "blockLast", "toIterable", "toStream")
                .contains(call.getName())) {
          offenders.add(type.getName() + " calls " + call.getName());
        }
      }
    }
    assertThat(offenders).isEmpty();
  }

  @Test
  void errorsAreNotSwallowedByOperators() {
    Set<String> offenders = new TreeSet<>();
    for (JavaClass type : PRODUCT) {
      for (JavaMethodCall call : type.getMethodCallsFromSelf()) {
        if (call.getTargetOwner().getPackageName().equals("reactor.core.publisher")
            && Set.of("onErrorContinue", "onErrorComplete", "onErrorStop")
                .contains(call.getName())) {
          offenders.add(type.getName() + " calls " + call.getName());
        }
      }
    }
    assertThat(offenders).isEmpty();
  }

  private static String outermost(JavaClass type) {
    String name = type.getName();
    int inner = name.indexOf('$');
    return inner < 0 ? name : name.substring(0, inner);
  }
}
