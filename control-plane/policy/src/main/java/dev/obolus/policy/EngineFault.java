// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy;

import java.util.List;
import java.util.Map;

/** Every way in which the engine itself refuses. Each is a denial. */
public enum EngineFault {
  UNDEFINED("ENG-001", "Policy has no answer to this request."),
  ABORTED("ENG-002", "The evaluation of policy was aborted."),
  OVER_BUDGET("ENG-003", "The evaluation of policy took too long."),
  OUT_OF_MEMORY("ENG-004", "The evaluation of policy needed too much memory."),
  UNFIT_RESULT("ENG-005", "Policy's answer is not one that can be acted on."),
  UNKNOWN_OBLIGATION("ENG-006", "Policy asks for something that is not known here."),
  UNFIT_INPUT("ENG-007", "The request cannot be put before policy."),
  NO_REVISION("ENG-008", "No policy is active."),
  BUSY("busy", "Too many evaluations of policy are under way.");

  private final String code;
  private final String sentence;

  EngineFault(String code, String sentence) {
    this.code = code;
    this.sentence = sentence;
  }

  public String code() {
    return code;
  }

  public Reason reason() {
    return new Reason(code, "engine", Reason.About.REQUEST, sentence, Map.of());
  }

  public Decision.Deny denial() {
    return new Decision.Deny(List.of(reason()));
  }
}
