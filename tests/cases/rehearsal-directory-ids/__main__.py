# type: ignore
import pulumi
import pulumi_azuread as azuread

kept = pulumi.ResourceOptions(retain_on_delete=True)
group = azuread.Group("group", display_name="people", security_enabled=True, opts=kept)
member = azuread.GroupMember("member", group_object_id=group.object_id, member_object_id="22222222-2222-4222-8222-222222222222")
pulumi.export("id", group.object_id)
