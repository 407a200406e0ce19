import PrivateServers
import Testing

struct LocalPortTests {
    @Test func `no port is given twice while its server starts`() throws {
        let ports = try (0..<2_000).map { _ in try LocalPort.free() }
        #expect(Set(ports).count == ports.count)
        #expect(ports.allSatisfy { (10_240..<32_768).contains($0) })
    }
}
