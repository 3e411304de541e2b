// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra.endpoint;

import dev.obolus.sandbox.entra.App;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.entra.SignIn;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/** What sign-ins leave behind: authorization codes, device codes, refresh tokens. */
final class SignIns {
  private static final int MOST = 10_000;
  private static final String LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789";
  static final Duration DEVICE_LIFE = Duration.ofMinutes(15);

  private final SecureRandom random = new SecureRandom();
  private final Tickets<Code> codes;
  private final Tickets<SignedIn> refreshTokens;
  private final Tickets<Device> devices;
  private final Tickets<String> userCodes;

  SignIns(Clock clock) {
    codes = new Tickets<>(clock, MOST, Duration.ofMinutes(2));
    refreshTokens = new Tickets<>(clock, MOST, Duration.ofDays(90));
    devices = new Tickets<>(clock, MOST, DEVICE_LIFE);
    userCodes = new Tickets<>(clock, MOST, DEVICE_LIFE);
  }

  /** A person who signed in to an application. */
  record SignedIn(Directory.User user, App client, SignIn signIn) {}

  /** An authorization code's worth, and what its redeemer must know. */
  record Code(
      SignedIn signedIn, String redirectUri, String scope, String challenge, String nonce) {}

  /** A device that waits for its person. */
  record Device(App client, String segment, String scope, String claims, State state) {
    Device now(State other) {
      return new Device(client, segment, scope, claims, other);
    }
  }

  sealed interface State {}

  record Waiting() implements State {}

  record Declined() implements State {}

  record Done(SignedIn signedIn) implements State {}

  String issue(Code code) {
    return codes.issue(code);
  }

  /** Once. */
  Optional<Code> redeem(String code) {
    return codes.take(code);
  }

  String refreshToken(SignedIn signedIn) {
    return refreshTokens.issue(signedIn);
  }

  /** Any number of times, as Entra's work. */
  Optional<SignedIn> refreshed(String refreshToken) {
    return refreshTokens.find(refreshToken);
  }

  /** The device code, then the code for its person. */
  String[] issue(Device device) {
    StringBuilder user = new StringBuilder();
    for (int i = 0; i < 9; i++) {
      user.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    String code = devices.issue(device);
    userCodes.put(user.toString(), code);
    return new String[] {code, user.toString()};
  }

  Optional<Device> device(String deviceCode) {
    return devices.find(deviceCode);
  }

  Optional<Device> deviceOf(String userCode) {
    return userCodes.find(normal(userCode)).flatMap(devices::find);
  }

  /** The person has answered, once. */
  void answered(String userCode, Device device) {
    userCodes.take(normal(userCode)).ifPresent(code -> devices.put(code, device));
  }

  void forget(String deviceCode) {
    devices.forget(deviceCode);
  }

  private static String normal(String userCode) {
    return userCode.strip().toUpperCase(java.util.Locale.ROOT);
  }
}
