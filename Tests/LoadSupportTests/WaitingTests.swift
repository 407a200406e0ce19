import LoadSupport
import Testing

@Suite struct WaitingTests {
    @Test func patienceEnds() async throws {
        #expect(try await !eventually(within: .milliseconds(30)) { false })
        #expect(try await eventually(within: .zero) { true })
    }
}
