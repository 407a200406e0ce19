import Testing

@testable import HTTPFront

@Suite struct RequestIDTests {
    @Test(arguments: [
        "a", "0123456789abcdef", "0123456789ABCDEF", "6F1c.-_Z", "550e8400-e29b-41d4-a716-446655440000", String(repeating: "x", count: 64),
    ])
    func whatAProxySaysIsRepeatedAsItIs(text: String) {
        #expect(RequestID(text)?.description == text)
    }

    @Test func oneOfOurFormIsANumber() {
        #expect(RequestID("0123456789abcdef") == .number(0x0123_4567_89AB_CDEF))
        #expect(RequestID("0123456789ABCDEF") == .text("0123456789ABCDEF"))
    }

    @Test(arguments: ["", " a", "a b", "a\"b", "a/b", "ä", "a\n", String(repeating: "x", count: 65)])
    func whatIsNotSafeToRepeatIsNoID(text: String) {
        #expect(RequestID(text) == nil)
    }

    @Test func twoHeadersNameNothing() {
        #expect(RequestID(headerValues: ["a", "b"]) == nil)
        #expect(RequestID(headerValues: []) == nil)
        #expect(RequestID(headerValues: ["a"]) == .text("a"))
    }

    @Test(arguments: [
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "4bf92f3577b34da6a3ce929d0e0e4736"),
        // A later version may have more.
        ("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what", "4bf92f3577b34da6a3ce929d0e0e4736"),
        ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", nil), ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", nil),
        ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", nil), ("00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01", nil), ("", nil),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x", nil),
    ])
    func aTraceIsReadOutOfItsParent(text: String, trace: String?) {
        #expect(TraceID(headerValues: [text])?.description == trace)
    }
}
