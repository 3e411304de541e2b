// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.doctor;

import dev.obolus.audit.postgres.DatabaseSettings;
import dev.obolus.gateway.doctor.Finding.Severity;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code obolus doctor [--json] [--user-token-file=FILE] [settings]}: the settings are the
 * gateway's own, given the same way.
 *
 * <p>Guarantees: the exit code is 0 where all is well, 1 where something should and 2 where
 * something must be mended; a check that fails is a finding, and the others go on.
 */
public final class Doctor {
  private static final String JSON = "--json";

  private Doctor() {}

  /**
   * Examines, tells, and returns the exit code.
   *
   * @param log where the audit log is, by the settings
   */
  public static int examine(
      List<String> arguments, Function<Environment, DatabaseSettings> log, PrintStream out) {
    List<String> settings = new ArrayList<>(arguments);
    boolean json = settings.remove(JSON);
    List<Finding> findings = new ArrayList<>();
    try (ConfigurableApplicationContext context = context(settings)) {
      Checkups.of(context, log).forEach((what, checkup) -> findings.addAll(look(what, checkup)));
    }
    Severity worst =
        findings.stream().map(Finding::severity).max(Severity::compareTo).orElse(Severity.OK);
    out.print(json ? json(findings, worst) : text(findings, worst));
    out.flush();
    return worst.exitCode();
  }

  /** The gateway's settings, and its beans where one is asked for: none is made beforehand. */
  private static ConfigurableApplicationContext context(List<String> settings) {
    return new SpringApplicationBuilder(DoctorConfiguration.class)
        .web(WebApplicationType.NONE)
        .bannerMode(Banner.Mode.OFF)
        .lazyInitialization(true)
        .properties(
            "logging.level.root=ERROR",
            "management.endpoint.health.validate-group-membership=false")
        .logStartupInfo(false)
        .run(settings.toArray(String[]::new));
  }

  private static List<Finding> look(String what, Checkup checkup) {
    try {
      return checkup.examine();
    } catch (Exception fault) {
      return List.of(
          Finding.fault(
              what,
              "This could not be examined: " + cause(fault) + ".",
              "See what is said above."));
    }
  }

  /** The innermost class, never a message: those may quote what they were given. */
  private static String cause(Throwable fault) {
    Throwable inner = fault;
    while (inner.getCause() != null) {
      inner = inner.getCause();
    }
    return inner.getClass().getSimpleName();
  }

  private static String text(List<Finding> findings, Severity worst) {
    var text = new StringBuilder();
    for (Finding finding : findings) {
      text.append("%-8s %-22s %s%n".formatted(mark(finding), finding.what(), finding.sentence()));
      if (!finding.remedy().isEmpty()) {
        text.append("%-8s %-22s → %s%n".formatted("", "", finding.remedy()));
      }
    }
    return text.append(
            switch (worst) {
              case OK -> "\nAll is well.\n";
              case WARNING -> "\nIt works; something should be mended.\n";
              case FAULT -> "\nSomething must be mended before this gateway can serve.\n";
            })
        .toString();
  }

  private static String mark(Finding finding) {
    return switch (finding.severity()) {
      case OK -> "ok";
      case WARNING -> "WARNING";
      case FAULT -> "FAULT";
    };
  }

  private static String json(List<Finding> findings, Severity worst) {
    List<Map<String, Object>> list = new ArrayList<>();
    for (Finding finding : findings) {
      Map<String, Object> members = new LinkedHashMap<>();
      members.put("severity", finding.severity().word());
      members.put("what", finding.what());
      members.put("sentence", finding.sentence());
      members.put("remedy", finding.remedy());
      list.add(members);
    }
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("worst", worst.word());
    document.put("findings", list);
    return JsonMapper.shared().writeValueAsString(document) + "\n";
  }
}
