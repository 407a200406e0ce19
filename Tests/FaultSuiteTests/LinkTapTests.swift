import Testing

@testable import FaultSuite

@Suite struct LinkTapTests {
}
