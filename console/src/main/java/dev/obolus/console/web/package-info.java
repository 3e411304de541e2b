// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/**
 * What every page shares: rendering off the event loop, security headers, assets, theme, designed
 * faults. Imports no other part of the console.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.console.web;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
