// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.freeze;

/** Whether a request may go on. */
public enum Standing {
  CLEAR,
  FROZEN,
  /** The list could not be confirmed lately: nothing may go on. */
  UNKNOWN
}
