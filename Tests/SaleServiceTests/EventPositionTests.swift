import SaleService
import Testing

@Suite struct EventPositionTests {
    @Test func aCursorAndTheIdOfItsEventAreTheSamePlace() {
        let position = EventPosition(turn: 4_711, row: 12, part: 3)
        #expect(position.description == "4711-12-3")
        #expect(position.eventID == "evt_4711-12-3")
        #expect(EventPosition("4711-12-3") == position)
        #expect(EventPosition("evt_4711-12-3") == position)
        #expect(EventPosition("0-0-0") == .beginning)
        #expect(EventPosition("9223372036854775807-1-2147483647") != nil)
    }

    @Test(arguments: [
        "", "evt_", "1-2", "1-2-3-4", "a-1-1", "1--1", "-1-2-3", "+1-2-3", "01-2-3", "1-2-", "1-2-3 ", " 1-2-3", "evt_evt_1-2-3",
        "9223372036854775808-1-1", "1-1-2147483648", "１-2-3",
    ])
    func anythingElseIsNoPlace(text: String) {
        #expect(EventPosition(text) == nil)
    }

    @Test func placesAreOrderedAsTheFeedIs() {
        let places = ["1-9-9", "2-1-1", "2-1-2", "2-2-1", "10-1-1"].compactMap { EventPosition($0) }
        #expect(places.shuffled().sorted() == places)
    }
}
