import SaleCore
import Testing

@testable import PostgresLedger

@Suite struct PostgresParametersTests {
    @Test func integersAreBigEndian() {
        var parameters = PostgresParameters()
        parameters.int64(0x0102_0304_0506_0708)
        #expect(parameters.bytes == [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(parameters.ranges == [0..<8])
    }

    @Test func anEmptyTextIsNotNull() {
        var parameters = PostgresParameters()
        parameters.text("")
        parameters.text(nil)
        #expect(parameters.ranges == [0..<0, nil])
    }

    @Test func anArrayNamesItsDimensionAndItsElementType() {
        var parameters = PostgresParameters()
        parameters.int32s([7]) { $0 }
        #expect(parameters.bytes == [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 23, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 7])
    }

    @Test func anEmptyArrayHasNoDimension() {
        var parameters = PostgresParameters()
        parameters.int32s([Int32]()) { $0 }
        #expect(parameters.bytes == [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 23])
    }

    @Test func aNullElementHasLengthMinusOne() {
        var parameters = PostgresParameters()
        parameters.texts([nil, "a"] as [String?]) { $0 }
        #expect(parameters.bytes.suffix(9) == [255, 255, 255, 255, 0, 0, 0, 1, 97])
    }

    /// Postgres counts microseconds from 2000; both sides of that instant round down.
    @Test(arguments: [-1, 0, 946_684_799_999, 946_684_800_000, 1_800_000_000_123])
    func aTimestampSurvivesTheWayThereAndBack(milliseconds: Int64) {
        let instant = Timestamp(milliseconds: milliseconds)
        #expect(Timestamp(postgresMicroseconds: instant.postgresMicroseconds) == instant)
    }

    @Test func microsecondsBefore2000AreCutOffTowardsThePast() {
        #expect(Timestamp(postgresMicroseconds: -1).milliseconds == 946_684_799_999)
    }
}
