import SaleService
import Testing

@testable import PostgresLedger

@Suite struct SessionRoomTests {
    @Test func twoNodesFitWithoutAWord() {
        #expect(SessionRoom(sessionsMax: 100, reserved: 3, inUse: 100 - 3 - 2 * Limits.postgresSessionsMax).warning(nodes: 2) == nil)
    }

    @Test func oneSessionLessIsWarnedOfWithTheSum() throws {
        let warning = try #require(SessionRoom(sessionsMax: 100, reserved: 3, inUse: 86).warning(nodes: 2))
        #expect(warning.contains("max_connections 100 - 3 reserved - 86 in use = 11 sessions"))
        #expect(warning.contains("to at least 103"))
    }

    @Test func moreInUseThanThereMayBeIsNoRoom() throws {
        #expect(try #require(SessionRoom(sessionsMax: 10, reserved: 3, inUse: 9).warning(nodes: 2)).contains("room for 0 nodes"))
    }
}
